package cablestream.cluster;

import cablestream.concurrent.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the address that this node announces to the others, with a request to {@code /-/ready} as
 * the others would send it. On a thread of its own: neither a name server nor the address may delay
 * the lease.
 */
final class AddressCheck {
  private static final Logger LOG = LoggerFactory.getLogger(AddressCheck.class);

  /** The container may open its port some time after it has started the web application. */
  private static final int FIRST = 5;

  private static final int EACH = 15;

  private static final int PATIENCE_MILLIS = 2_000;
  private static final int READY_BYTES = 4 * 1024;

  private final ClusterSettings settings;
  private final String id;
  private final ThreadFactory threads;
  private URI address;
  private int beats;

  /** The latest request, one at a time; null for none. */
  private Thread request;

  private volatile boolean found;
  private volatile boolean unreachable;

  AddressCheck(ClusterSettings settings, String id, ThreadFactory threads) {
    this.threads = threads;
    this.settings = settings;
    this.id = id;
  }

  /** The configured address, or the one from which this machine reaches the store. */
  URI address() {
    if (address == null) {
      boolean isOwn = settings.address().getHost().equals(ClusterSettings.OWN_HOST);
      address = isOwn ? withOwnHost() : settings.address();
    }
    return address;
  }

  private URI withOwnHost() {
    StoreAddress.Host store = StoreAddress.of(settings.store()).hosts().get(0);
    try (DatagramSocket socket = new DatagramSocket()) {
      // Sends nothing, but selects the route.
      socket.connect(new InetSocketAddress(InetAddress.getByName(store.name()), store.port()));
      String literal = ClusterSettings.literal(socket.getLocalAddress());
      return URI.create(settings.address().toString().replace(ClusterSettings.OWN_HOST, literal));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether other nodes probably can't reach this one. */
  boolean isUnreachable() {
    return unreachable;
  }

  /**
   * Checks soon after the start, and then at intervals until the address is reachable; from then on
   * whether other nodes contradict it. On the beating thread; doesn't wait.
   */
  void review(Collection<Node> others) {
    beats++;
    boolean due = beats % EACH == 0;
    if (due && found) {
      // Not at first: the lease of a node that this one replaces may not have expired.
      report(contradiction(address(), others));
    } else if (due && request != null && request.isAlive()) {
      report("no whole answer in time");
    } else if (!found && (due || beats == FIRST)) {
      request = threads.newThread(this::ask);
      request.start();
    }
  }

  private void ask() {
    String problem = problem();
    report(problem);
    found = problem == null;
  }

  private void report(String problem) {
    unreachable = problem != null;
    if (unreachable) {
      LOG.error(
          "event=cluster_address_unreachable address={} problem=\"{}\" setting=cluster.address",
          address,
          problem);
    }
  }

  /**
   * Why others can't reach a node at an address at which it reaches itself; null for no reason. A
   * loopback address is that of each machine.
   */
  static String contradiction(URI own, Collection<Node> others) {
    if (others.stream().anyMatch(node -> node.address().equals(own))) {
      return "another node has the same address";
    }
    return isLoopback(own) && others.stream().anyMatch(node -> !isLoopback(node.address()))
        ? "a loopback address, while other nodes are on other machines"
        : null;
  }

  private static boolean isLoopback(URI address) {
    String host = String.valueOf(address.getHost());
    return host.startsWith("127.") || host.equals("localhost") || host.equals("[::1]");
  }

  private String ready() throws IOException {
    HttpURLConnection page =
        (HttpURLConnection) URI.create(address + "/-/ready").toURL().openConnection(Proxy.NO_PROXY);
    page.setConnectTimeout(PATIENCE_MILLIS);
    page.setReadTimeout(PATIENCE_MILLIS);
    page.setInstanceFollowRedirects(false);
    page.setRequestProperty("Connection", "close"); // or the JDK keeps it, with a thread
    boolean failed = page.getResponseCode() >= 400; // a node that isn't ready, for example
    try (InputStream body = failed ? page.getErrorStream() : page.getInputStream()) {
      return body == null ? "" : new String(body.readNBytes(READY_BYTES), StandardCharsets.UTF_8);
    } finally {
      page.disconnect();
    }
  }

  /** Null for none. */
  private String problem() {
    try {
      return ready().contains('"' + id + '"') ? null : "another server answers there";
    } catch (IOException | RuntimeException e) {
      return Fault.kind(e);
    }
  }
}
