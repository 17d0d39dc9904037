package cablestream.cable;

import static cablestream.cable.JsonScanner.ascii;

import java.util.Locale;

/**
 * A frame of the Action Cable server: its bytes, which never change, and the positions of its
 * parts.
 *
 * @param identifier unescaped; null if there is none, if it isn't a string, or if it is a long one
 * @param longIdentifier the position of a long one, without its quotation marks; null for none.
 *     Only {@link #identifier(int)} unescapes it, as it may be nearly the whole frame.
 * @param text well-formed UTF-8
 * @param messageFrom the start of the JSON value of {@code message}; negative for none
 * @param messageTo its end (exclusive)
 * @param reason of a disconnect, null for none
 * @param reconnect whether a disconnect has {@code "reconnect":true}
 */
public record CableFrame(
    Type type,
    String identifier,
    Span longIdentifier,
    byte[] text,
    int messageFrom,
    int messageTo,
    String reason,
    boolean reconnect) {
  private static final int MISSING = -1;

  /** A part of the frame's bytes; {@code to} is exclusive. */
  public record Span(int from, int to) {}

  /** The member {@code type}; a frame without one of these types is a message. */
  public enum Type {
    WELCOME,
    PING,
    CONFIRM_SUBSCRIPTION,
    REJECT_SUBSCRIPTION,
    DISCONNECT,
    MESSAGE,
    /** A tunnel's frame, which its client reads. */
    OPAQUE(null);

    /** The name in a frame; null for a type that no frame names. */
    final byte[] wire;

    Type() {
      wire = ascii(name().toLowerCase(Locale.ROOT));
    }

    Type(byte[] wire) {
      this.wire = wire;
    }
  }

  /**
   * A tunnel's frame.
   *
   * @param text well-formed UTF-8, owned by the frame from now on
   */
  public static CableFrame opaque(byte[] text) {
    return new CableFrame(Type.OPAQUE, null, null, text, MISSING, MISSING, null, false);
  }

  /** The identifier; null for none, and for one of more than {@code max} characters. */
  public String identifier(int max) {
    if (longIdentifier == null) {
      return identifier;
    }
    int length = longIdentifier.to - longIdentifier.from;
    if (length > (long) FrameScanner.LONGEST_ESCAPE * max) {
      return null;
    }
    String unescaped =
        IdentifierCache.unescape(text, longIdentifier.from, longIdentifier.to, max + 1);
    return unescaped.length() > max ? null : unescaped;
  }

  /** Whether the session receives it: a confirmation, a rejection, or a message with a payload. */
  boolean isForSubscription() {
    return (identifier != null || longIdentifier != null)
        && switch (type) {
          case CONFIRM_SUBSCRIPTION, REJECT_SUBSCRIPTION -> true;
          case MESSAGE -> messageFrom >= 0;
          default -> false;
        };
  }
}
