package cablestream.hardening;

import cablestream.support.wire.RawRequest;
import cablestream.support.wire.Site;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Measures a bridge's heap after a collection, and its account. */
final class Watch implements AutoCloseable {
  /** The operator token of a measured bridge. */
  static final String TOKEN = "the-token-of-the-besieged";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Site site;
  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private long peakHeap;
  private long peakAccount;

  Watch(Besieged besieged) {
    site = besieged.direct();
    try {
      VirtualMachine machine = VirtualMachine.attach("" + besieged.process().pid());
      String address = machine.startLocalManagementAgent();
      machine.detach();
      connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
      memory =
          ManagementFactory.getPlatformMXBean(
              connector.getMBeanServerConnection(), MemoryMXBean.class);
    } catch (AttachNotSupportedException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reachable bytes now. @throws IllegalStateException if the bridge doesn't report them */
  long heap() {
    CompletableFuture<Long> used = new CompletableFuture<>();
    CableServer.start(
        "heap",
        () -> {
          memory.gc();
          used.complete(memory.getHeapMemoryUsage().getUsed());
        });
    try {
      return used.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | InterruptedException | TimeoutException e) {
      throw new IllegalStateException("it doesn't say what its heap has", e);
    }
  }

  void beginAnew() {
    peakHeap = 0;
    peakAccount = 0;
  }

  /** Measures once more, to find the peaks. */
  void look() {
    peakHeap = Math.max(peakHeap, heap());
    peakAccount = Math.max(peakAccount, account());
  }

  long peakHeap() {
    return peakHeap;
  }

  long peakAccount() {
    return peakAccount;
  }

  private long account() {
    return byKind("cablestream_account_bytes").values().stream().mapToLong(Long::longValue).sum();
  }

  /** The values of an account's metric, by kind. */
  Map<String, Long> byKind(String metric) {
    Pattern line = Pattern.compile("(?m)^" + metric + "\\{kind=\"(\\w+)\"} (\\S+)$");
    Map<String, Long> values = new LinkedHashMap<>();
    line.matcher(metrics())
        .results()
        .forEach(it -> values.put(it.group(1), (long) Double.parseDouble(it.group(2))));
    return values;
  }

  private String metrics() {
    return RawRequest.of("GET", site.port(), site.path() + "/-/metrics")
        .header("Authorization", "Bearer " + TOKEN)
        .timeout(PATIENCE)
        .send()
        .text();
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException e) {
      // The bridge has ended.
    }
  }
}
