package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.fuzz.JsonOracle;
import cablestream.support.fuzz.JsonOracle.Value;
import java.util.Arrays;
import java.util.Locale;

/**
 * Frames of a cable server: JSON objects are parsed as by the oracle, and everything else is
 * refused.
 */
public final class CableFrameFuzz {
  private CableFrameFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    FrameScanner scanner = new FrameScanner();
    Value expected = expected(input);

    CableFrame frame = scanner.scan(input);
    assertThat(frame != null).isEqualTo(expected != null);
    if (expected == null) {
      assertThat(scanner.fault()).isBetween(0, input.length);
    } else {
      compare(frame, input, expected);
      // This time with the identifiers' cache.
      compare(scanner.scan(input), input, expected);
    }
  }

  /** The expected frame; null if it must be refused. */
  private static Value expected(byte[] input) {
    Value value = JsonOracle.read(input);
    boolean frame = value != null && value.isObject() && value.depth() <= JsonScanner.MAX_DEPTH + 1;
    return frame ? value : null;
  }

  private static void compare(CableFrame frame, byte[] input, Value expected) {
    assertThat(frame.type()).isEqualTo(type(expected));
    assertThat(frame.identifier(1 << 20)).isEqualTo(string(expected, "identifier"));
    Value message = expected.member("message");
    if (message == null) {
      assertThat(frame.messageFrom()).isNegative();
    } else {
      byte[] found = Arrays.copyOfRange(input, frame.messageFrom(), frame.messageTo());
      assertThat(JsonOracle.text(found)).isEqualTo(message.source());
    }
    if (frame.type() == CableFrame.Type.DISCONNECT) {
      assertThat(frame.reason()).isEqualTo(string(expected, "reason"));
      Value reconnect = expected.member("reconnect");
      assertThat(frame.reconnect())
          .isEqualTo(reconnect != null && reconnect.source().equals("true"));
    }
  }

  private static CableFrame.Type type(Value expected) {
    String type = string(expected, "type");
    return Arrays.stream(CableFrame.Type.values())
        .filter(each -> each.wire != null)
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(type))
        .findFirst()
        .orElse(CableFrame.Type.MESSAGE);
  }

  private static String string(Value object, String name) {
    Value value = object.member(name);
    return value != null && value.isString() ? value.scalar() : null;
  }
}
