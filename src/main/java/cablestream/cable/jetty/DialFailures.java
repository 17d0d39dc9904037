package cablestream.cable.jetty;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Says in a few words why a dial found no server. Messages of exceptions may hold the query. */
final class DialFailures {
  private DialFailures() {}

  static String words(Throwable failure) {
    String words = null;
    for (Throwable cause = failure; cause != null && words == null; cause = cause.getCause()) {
      words = wordsFor(cause);
    }
    return words == null ? "it doesn't answer as a WebSocket server does" : words;
  }

  private static String wordsFor(Throwable cause) {
    if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
      return "unknown host";
    }
    if (cause instanceof SocketTimeoutException || cause instanceof TimeoutException) {
      return "no connection in time";
    }
    if (cause instanceof ConnectException) {
      return "connection refused";
    }
    if (cause instanceof NoRouteToHostException) {
      return "no route to it";
    }
    if (cause instanceof SSLException) {
      return "no trusted TLS connection";
    }
    return cause instanceof IOException ? "connection lost" : null;
  }
}
