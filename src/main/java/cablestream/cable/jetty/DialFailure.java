package cablestream.cable.jetty;

import cablestream.concurrent.Fault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Why a dial reached no server, in fixed texts: exceptions' messages may contain the query. */
public enum DialFailure {
  OUT_OF_DESCRIPTORS(Fault.OUT_OF_DESCRIPTORS),
  UNKNOWN_HOST("unknown host"),
  TOO_LATE("no connection in time"),
  CONNECTION_REFUSED("connection refused"),
  NO_ROUTE("no route to it"),
  UNKNOWN_AUTHORITY("the authority that signed its certificate isn't trusted"),
  WRONG_NAME("its certificate is for another name"),
  EXPIRED("its certificate has expired, or isn't valid yet"),
  /** None was sent, or one that the server doesn't accept. */
  CLIENT_CERTIFICATE("it demands a client certificate that it trusts"),
  NO_TLS("it doesn't speak TLS"),
  /** No common version or cipher; with TLS 1.2 also a missing client certificate. */
  TLS_REFUSED("it refuses the TLS handshake"),
  TLS("the TLS handshake failed"),
  CONNECTION_LOST("connection lost"),
  NO_WEBSOCKET("it doesn't answer as a WebSocket server does");

  /** The beginning of the JDK's exception message for an alert from the peer. */
  private static final String ALERT = "fatal alert: ";

  private final String words;

  DialFailure(String words) {
    this.words = words;
  }

  /** Without secrets; the end of a {@code CableEnding}'s {@code error}. */
  public String words() {
    return words;
  }

  static DialFailure of(Throwable failure) {
    DialFailure found = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      DialFailure narrower = ofOne(cause);
      // The cause of a TLS exception is more precise; of other exceptions the first counts.
      if (found == null || found == TLS && narrower != null && narrower != CONNECTION_LOST) {
        found = narrower;
      }
    }
    return found == null ? NO_WEBSOCKET : found;
  }

  private static DialFailure ofOne(Throwable cause) {
    if (Fault.isOutOfDescriptors(cause)) {
      return OUT_OF_DESCRIPTORS;
    }
    if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
      return UNKNOWN_HOST;
    }
    if (cause instanceof SocketTimeoutException || cause instanceof TimeoutException) {
      return TOO_LATE;
    }
    if (cause instanceof ConnectException) {
      return CONNECTION_REFUSED;
    }
    if (cause instanceof NoRouteToHostException) {
      return NO_ROUTE;
    }
    if (cause instanceof SSLException) {
      return ofTls(cause.getMessage() == null ? "" : cause.getMessage());
    }
    if (cause instanceof IOException) {
      return CONNECTION_LOST;
    }
    return ofCertificate(cause);
  }

  /** The JDK reports a peer's alert, or a peer without TLS, only in the message. */
  private static DialFailure ofTls(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    int alert = lower.indexOf(ALERT);
    if (alert < 0) {
      return lower.contains("unrecognized ssl message") ? NO_TLS : TLS;
    }
    String name = lower.substring(alert);
    // Only the client's certificate can be meant: the server has seen no other.
    return name.contains("certificate") || name.contains("unknown_ca")
        ? CLIENT_CERTIFICATE
        : TLS_REFUSED;
  }

  /** Null if the cause isn't about a certificate. */
  private static DialFailure ofCertificate(Throwable cause) {
    if (cause instanceof CertificateExpiredException
        || cause instanceof CertificateNotYetValidException) {
      return EXPIRED;
    }
    if (cause instanceof CertPathValidatorException path) {
      Object reason = path.getReason();
      return reason == CertPathValidatorException.BasicReason.EXPIRED
              || reason == CertPathValidatorException.BasicReason.NOT_YET_VALID
          ? EXPIRED
          : null;
    }
    if (cause instanceof CertPathBuilderException) {
      return UNKNOWN_AUTHORITY;
    }
    // The JDK's name check throws this class itself; all other checks throw a subclass.
    return cause.getClass() == CertificateException.class ? WRONG_NAME : null;
  }
}
