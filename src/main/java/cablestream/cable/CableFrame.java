package cablestream.cable;

import static cablestream.cable.JsonScanner.ascii;

import java.util.Locale;

/**
 * A frame of the Action Cable server, as it came: where its parts lie in its bytes, which nobody
 * changes.
 *
 * @param identifier unescaped; null where there is none, it isn't a string, or it is a long one
 * @param longIdentifier where a long one lies, without its quotation marks; null for none. Only
 *     {@link #identifier(int)} unescapes it, as it may be nearly all of the frame.
 * @param text well-formed UTF-8; null of an {@linkplain Type#UNREADABLE unreadable} one
 * @param messageFrom where the JSON value of {@code message} begins; negative where there is none
 * @param messageTo where it ends (exclusive)
 * @param reason of a disconnect, null where there is none; of an unreadable one why it is
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

  /** What the member {@code type} says; without one of these types a frame is a message. */
  public enum Type {
    WELCOME,
    PING,
    CONFIRM_SUBSCRIPTION,
    REJECT_SUBSCRIPTION,
    DISCONNECT,
    MESSAGE,
    /** A tunnel's, which its client reads. */
    OPAQUE(null),
    /** It could not be read (bad JSON, bad UTF-8, binary, too large) and was dropped. */
    UNREADABLE(null);

    /** As it stands in a frame; null of what no frame says of itself. */
    final byte[] wire;

    Type() {
      wire = ascii(name().toLowerCase(Locale.ROOT));
    }

    Type(byte[] wire) {
      this.wire = wire;
    }
  }

  /**
   * A tunnel's.
   *
   * @param text well-formed UTF-8, handed over
   */
  public static CableFrame opaque(byte[] text) {
    return new CableFrame(Type.OPAQUE, null, null, text, MISSING, MISSING, null, false);
  }

  /** One that was dropped. */
  public static CableFrame unreadable(String why) {
    return new CableFrame(Type.UNREADABLE, null, null, null, MISSING, MISSING, why, false);
  }

  /** The identifier; null for none, and for one of more than {@code most} characters. */
  public String identifier(int most) {
    if (longIdentifier == null) {
      return identifier;
    }
    int length = longIdentifier.to - longIdentifier.from;
    if (length > (long) FrameScanner.LONGEST_ESCAPE * most) {
      return null;
    }
    String unescaped =
        IdentifierCache.unescape(text, longIdentifier.from, longIdentifier.to, most + 1);
    return unescaped.length() > most ? null : unescaped;
  }

  /** Whether a subscription is told something by it. */
  boolean isForSubscription() {
    return (identifier != null || longIdentifier != null)
        && switch (type) {
          case CONFIRM_SUBSCRIPTION, REJECT_SUBSCRIPTION -> true;
          case MESSAGE -> messageFrom >= 0;
          default -> false;
        };
  }
}
