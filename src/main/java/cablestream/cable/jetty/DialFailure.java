package cablestream.cable.jetty;

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

/** Why a dial found no server, in our own words: messages of exceptions may hold the query. */
public enum DialFailure {
  OUT_OF_DESCRIPTORS("no file descriptor is left: raise ulimit -n (LimitNOFILE)"),
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
  /** No version or cipher in common; with TLS 1.2 also a certificate that is demanded. */
  TLS_REFUSED("it refuses the TLS handshake"),
  TLS("the TLS handshake failed"),
  CONNECTION_LOST("connection lost"),
  NO_WEBSOCKET("it doesn't answer as a WebSocket server does");

  /** How the JDK begins the message of an exception for an alert that the peer sent. */
  private static final String ALERT = "fatal alert: ";

  private final String words;

  DialFailure(String words) {
    this.words = words;
  }

  /** Without secrets; the {@code error} of a {@code CableEnding} ends in them. */
  public String words() {
    return words;
  }

  static DialFailure of(Throwable failure) {
    DialFailure found = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      DialFailure narrower = ofOne(cause);
      // An exception of TLS is narrowed by its cause; of others the first counts.
      if (found == null || found == TLS && narrower != null && narrower != CONNECTION_LOST) {
        found = narrower;
      }
    }
    return found == null ? NO_WEBSOCKET : found;
  }

  private static DialFailure ofOne(Throwable cause) {
    String text = cause.getMessage();
    if (cause instanceof IOException && text != null && text.contains("Too many open files")) {
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

  /** The JDK has no other way to say what a peer's alert was, or that there was no TLS at all. */
  private static DialFailure ofTls(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    int alert = lower.indexOf(ALERT);
    if (alert < 0) {
      return lower.contains("unrecognized ssl message") ? NO_TLS : TLS;
    }
    String name = lower.substring(alert);
    // Only ours can be meant: the server has seen no other.
    return name.contains("certificate") || name.contains("unknown_ca")
        ? CLIENT_CERTIFICATE
        : TLS_REFUSED;
  }

  /** Null for what isn't about a certificate. */
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
    // The JDK's check of the name throws this class itself; all else has one of its own.
    return cause.getClass() == CertificateException.class ? WRONG_NAME : null;
  }
}
