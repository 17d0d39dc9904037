package cablestream.cable;

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

  /** An end without a refused upgrade. */
  public CableEnding(Kind kind, String reason, String error, int closeCode, String closeReason) {
    this(kind, reason, error, closeCode, closeReason, 0);
  }

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
}
