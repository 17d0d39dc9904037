package cablestream.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLException;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Tests a store once, with the commands that nodes use. Blocks; not for a server's threads. */
public final class StoreCheck {
  private StoreCheck() {}

  /**
   * Claims an unused key, and releases it.
   *
   * @return null for success; otherwise the problem in a fixed text: a store's own message may
   *     contain its password
   */
  public static String failure(ClusterSettings settings) {
    try (ValkeyStore store = new ValkeyStore(settings.store(), "cablestream:check:")) {
      String node = UUID.randomUUID().toString();
      store.nodes();
      String owner = store.claim(node, Set.of(node)).get(node);
      store.release(node, Set.of(node));
      return node.equals(owner) ? null : "it doesn't keep what it is given";
    } catch (RuntimeException e) {
      return words(e);
    }
  }

  private static String words(RuntimeException failure) {
    String words = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String narrower = wordsFor(cause);
      words = narrower == null ? words : narrower;
      // Jedis tries each address of a name, and stores its failures there.
      for (Throwable attempt : cause.getSuppressed()) {
        words = words == null ? wordsFor(attempt) : words;
      }
    }
    return words == null ? "it doesn't answer as Valkey and Redis do" : words;
  }

  private static String wordsFor(Throwable cause) {
    if (cause instanceof JedisAccessControlException) {
      return "it refuses the user and password of cluster.store";
    }
    if (cause instanceof JedisDataException) {
      String message = cause.getMessage() == null ? "" : cause.getMessage();
      return message.startsWith("NOAUTH") || message.startsWith("NOPERM")
          ? "it refuses the user and password of cluster.store"
          : "it refuses a command: it must be Valkey or Redis, version 7 or later";
    }
    if (cause instanceof UnknownHostException) {
      return "unknown host";
    }
    if (cause instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    if (cause instanceof ConnectException) {
      return "connection refused";
    }
    if (cause instanceof SSLException) {
      return "no trusted TLS connection";
    }
    return cause instanceof IOException ? "connection lost" : null;
  }
}
