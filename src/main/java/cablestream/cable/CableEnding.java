package cablestream.cable;

import java.time.Duration;

/**
 * Why a cable has ended permanently.
 *
 * @param kind the kind of end
 * @param reason for a {@code disconnect} frame the server's own reason; otherwise a word: {@code
 *     unauthorized}, {@code refused}, {@code unreachable}, {@code no_welcome}, …
 * @param error a sentence for the caller, without secrets: no cookie, no token, no query
 * @param closeCode the WebSocket close code, 1006 if there was none
 * @param closeReason the WebSocket close reason, possibly empty
 * @param httpStatus the status that refused the upgrade; 0 for none
 */
public record CableEnding(
    Kind kind, String reason, String error, int closeCode, String closeReason, int httpStatus) {

  /** The code for a missing close frame (RFC 6455, 7.1.5). */
  static final int ABNORMAL = 1006;

  /** The code of an endpoint that refuses for reasons of its own (RFC 6455, 7.4.1). */
  private static final int POLICY = 1008;

  private static final String NOT_LET_IN =
      "the Action Cable server doesn't let this caller connect";

  private static final String UNREACHABLE = "unreachable";
  private static final int MAX_CHARACTERS = 200;

  /** The kinds of end, with the HTTP status that answers a failed first dial. */
  public enum Kind {
    /** {@code disconnect} with reason {@code unauthorized}, or 401 or 403 to the upgrade. */
    UNAUTHORIZED(403),
    /** Any other refusal of the upgrade, redirects included. */
    REFUSED(502),
    /** Nothing listening, or the connection was lost before the welcome. */
    UNREACHABLE(502),
    /** Connected, but no welcome in time. */
    NO_WELCOME(504),
    /** {@code disconnect} with {@code reconnect: false} for another reason. */
    DISCONNECTED(502),
    /** The client names a path outside the setting {@code cable.paths}: nothing is dialled. */
    PATH_NOT_ALLOWED(403),
    /** Too many dials are waiting. */
    BUSY(503),
    /** A tunnel's socket has closed, for any reason, after it was opened. */
    CLOSED(502);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    /** The HTTP status if the first dial ends this way. */
    public int status() {
      return status;
    }
  }

  static CableEnding unauthorized(String reason) {
    return ending(Kind.UNAUTHORIZED, reason, NOT_LET_IN);
  }

  /**
   * 401 or 403 to the upgrade. Action Cable itself never sends these: it upgrades, and disconnects.
   */
  static CableEnding unauthorized(int httpStatus) {
    return new CableEnding(
        Kind.UNAUTHORIZED,
        ActionCableProtocol.UNAUTHORIZED,
        NOT_LET_IN + ": HTTP " + httpStatus,
        ABNORMAL,
        "",
        httpStatus);
  }

  /**
   * A server error usually comes from a proxy that can't reach the server, so it counts as
   * unreachable.
   *
   * @param location the target of a redirect; null for none
   */
  static CableEnding refused(int status, String location) {
    String error = "the Action Cable server answered the WebSocket upgrade with HTTP " + status;
    if (location != null) {
      error += ", to " + withoutSecrets(location) + ", which isn't followed";
    } else if (status == 404) {
      error += " (Rails does so for an unknown path and for an origin that it doesn't allow)";
    }
    return status >= 500
        ? new CableEnding(Kind.UNREACHABLE, UNREACHABLE, error, ABNORMAL, "", status)
        : new CableEnding(Kind.REFUSED, "refused", error, ABNORMAL, "", status);
  }

  static CableEnding unreachable(String why) {
    return ending(
        Kind.UNREACHABLE, UNREACHABLE, "the Action Cable server can't be reached: " + why);
  }

  static CableEnding unsupported() {
    return ending(
        Kind.REFUSED, "refused", "the Action Cable server doesn't speak actioncable-v1-json");
  }

  static CableEnding noWelcome(Duration limit) {
    return ending(
        Kind.NO_WELCOME,
        "no_welcome",
        "the Action Cable server sent no welcome within " + limit.toSeconds() + " s");
  }

  static CableEnding disconnected(String reason) {
    return ending(Kind.DISCONNECTED, reason, "the Action Cable server disconnected this caller");
  }

  /**
   * The client gets the whole sentence, even one that receives only close frames.
   *
   * @param path without quotes and control characters
   */
  static CableEnding pathNotAllowed(String path) {
    String error = "the path " + path + " isn't allowed: the setting cable.paths doesn't name it";
    return new CableEnding(Kind.PATH_NOT_ALLOWED, "path_not_allowed", error, POLICY, error, 0);
  }

  static CableEnding busy() {
    return ending(Kind.BUSY, "busy", "too many sessions are being opened");
  }

  /** A tunnel that had been opened has closed. */
  static CableEnding closed(int code, String reason) {
    return new CableEnding(Kind.CLOSED, "closed", "the cable was closed", code, reason, 0);
  }

  private static CableEnding ending(Kind kind, String reason, String error) {
    return new CableEnding(kind, reason, error, ABNORMAL, "", 0);
  }

  /** Without user, query and fragment, and without characters that could forge a log line. */
  private static String withoutSecrets(String location) {
    String bare = location.replaceFirst("[?#].*", "").replaceFirst("//[^/]*@", "//");
    String printable = bare.replaceAll("[^!-~]", "").replace("\"", "");
    return printable.substring(0, Math.min(printable.length(), MAX_CHARACTERS));
  }
}
