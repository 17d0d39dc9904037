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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The address under which the others find this node: whether it is there, under it, says {@code
 * /-/ready}, asked as the others would. On the beating thread, which waits for it for no longer
 * than a lease lasts.
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
  private URI address;
  private int beats;
  private boolean found;
  private volatile boolean unreachable;

  AddressCheck(ClusterSettings settings, String id) {
    this.settings = settings;
    this.id = id;
  }

  /** The one that is set, or the one by which this machine reaches the store. */
  URI address() {
    if (address == null) {
      address = hasHost() ? settings.address() : withOwnHost();
    }
    return address;
  }

  private boolean hasHost() {
    return !settings.address().getHost().equals(ClusterSettings.OWN_HOST);
  }

  private URI withOwnHost() {
    StoreAddress.Host store = StoreAddress.of(settings.store()).hosts().get(0);
    try (DatagramSocket socket = new DatagramSocket()) {
      // Sends nothing, but finds the way.
      socket.connect(new InetSocketAddress(InetAddress.getByName(store.name()), store.port()));
      String host = socket.getLocalAddress().getHostAddress().replaceFirst("%.*", "");
      URI set = settings.address();
      return URI.create(
          "http://"
              + (host.contains(":") ? "[" + host + "]" : host)
              + ":"
              + set.getPort()
              + set.getPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the others wouldn't reach this node, as far as it could be seen. */
  boolean isUnreachable() {
    return unreachable;
  }

  /** Looks, soon after the start, and now and then until all is well. */
  void review() {
    beats++;
    if (!found && (beats == FIRST || beats % EACH == 0)) {
      String problem = problem();
      unreachable = problem != null;
      if (problem == null) {
        found = true;
      } else {
        LOG.error(
            "event=cluster_address_unreachable address={} problem=\"{}\" setting=cluster.address",
            address,
            problem);
      }
    }
  }

  private String ready() throws IOException {
    HttpURLConnection page =
        (HttpURLConnection) URI.create(address + "/-/ready").toURL().openConnection(Proxy.NO_PROXY);
    page.setConnectTimeout(PATIENCE_MILLIS);
    page.setReadTimeout(PATIENCE_MILLIS);
    page.setInstanceFollowRedirects(false);
    page.setRequestProperty("Connection", "close"); // or the JDK would keep it, with a thread
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
      return ready().contains('"' + id + '"') ? null : "somebody else answers there";
    } catch (IOException e) {
      return Fault.kind(e);
    }
  }
}
