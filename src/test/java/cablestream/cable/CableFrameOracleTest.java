package cablestream.cable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Compares {@link FrameScanner} with an independent JSON parser and the JDK's UTF-8 decoder, for
 * generated valid and invalid frames. {@code -Dframes.seed=…} and {@code -Dframes.rounds=…} change
 * what is generated.
 */
class CableFrameOracleTest {
  private static final int ROUNDS = Integer.getInteger("frames.rounds", 4_000);

  private final long seed = Long.getLong("frames.seed", 20_240_817);
  private final Random random = new Random(seed);
  private final JsonGenerator generator = new JsonGenerator(random);
  private final FrameScanner scanner = new FrameScanner();

  /** The frame scanned last; null if it was invalid. */
  private CableFrame frame;

  @Test
  void whatTheOracleReadsIsReadAlike() {
    for (int round = 0; round < ROUNDS; round++) {
      String text = generator.frame();
      byte[] bytes = text.getBytes(UTF_8);
      JsonObject expected = Json.createReader(new StringReader(text)).readObject();
      assertThat(scan(bytes)).as("seed %d: %s", seed, text).isTrue();
      assertThat(frame.type()).as(text).isEqualTo(type(expected));
      assertThat(frame.identifier(1 << 20)).as(text).isEqualTo(string(expected, "identifier"));
      assertThat(message(bytes)).as(text).isEqualTo(expected.get("message"));
      if (frame.type() == CableFrame.Type.DISCONNECT) {
        assertThat(frame.reason()).as(text).isEqualTo(string(expected, "reason"));
        assertThat(frame.reconnect())
            .as(text)
            .isEqualTo(JsonValue.TRUE.equals(expected.get("reconnect")));
      }
    }
  }

  @Test
  void aFrameCutShortCanNeverBeRead() {
    for (int round = 0; round < ROUNDS / 20; round++) {
      byte[] whole = generator.frame().strip().getBytes(UTF_8);
      for (int length = 0; length < whole.length; length++) {
        assertThat(scan(Arrays.copyOf(whole, length))).isFalse();
      }
    }
  }

  @Test
  void ofBrokenFramesExactlyThoseAreReadThatTheOracleReads() {
    int readable = 0;
    for (int round = 0; round < ROUNDS * 10; round++) {
      byte[] bytes = broken(generator.frame().getBytes(UTF_8));
      boolean expected = oracleReads(bytes);
      readable += expected ? 1 : 0;
      assertThat(scan(bytes)).as("seed %d: %s", seed, new String(bytes, UTF_8)).isEqualTo(expected);
    }
    assertThat(readable).as("both kinds come up").isBetween(ROUNDS / 2, ROUNDS * 9);
  }

  private boolean scan(byte[] text) {
    frame = scanner.scan(text);
    return frame != null;
  }

  private byte[] broken(byte[] whole) {
    byte[] bytes = whole.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) "{}[]:,\"\\ 0e-.u\n".charAt(random.nextInt(15));
        case 2 -> bytes = replaced(bytes, at, at + 1 + random.nextInt(3), new byte[0]);
        default -> bytes = replaced(bytes, at, at, copied(bytes));
      }
      if (bytes.length == 0) {
        return bytes;
      }
    }
    return bytes;
  }

  private byte[] copied(byte[] bytes) {
    int from = random.nextInt(bytes.length);
    return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 1 + random.nextInt(4)));
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(bytes, 0, from);
    all.writeBytes(by);
    int rest = Math.min(to, bytes.length);
    all.write(bytes, rest, bytes.length - rest);
    return all.toByteArray();
  }

  private static boolean oracleReads(byte[] bytes) {
    try {
      String text =
          UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      return !text.startsWith("\uFEFF") && isObject(text);
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean isObject(String text) {
    try (JsonParser parser = Json.createParser(new StringReader(text))) {
      if (!parser.hasNext() || parser.next() != JsonParser.Event.START_OBJECT) {
        return false;
      }
      while (parser.hasNext()) {
        parser.next();
      }
      return true;
    } catch (JsonException e) {
      return false;
    }
  }

  private static CableFrame.Type type(JsonObject expected) {
    String type = string(expected, "type");
    return Arrays.stream(CableFrame.Type.values())
        .filter(candidate -> candidate.wire != null)
        .filter(candidate -> candidate.name().toLowerCase(java.util.Locale.ROOT).equals(type))
        .findFirst()
        .orElse(CableFrame.Type.MESSAGE);
  }

  private static String string(JsonObject expected, String name) {
    return expected.get(name) instanceof JsonString string ? string.getString() : null;
  }

  private JsonValue message(byte[] bytes) {
    if (frame.messageFrom() < 0) {
      return null;
    }
    int length = frame.messageTo() - frame.messageFrom();
    return Json.createReader(
            new InputStreamReader(
                new ByteArrayInputStream(bytes, frame.messageFrom(), length), UTF_8))
        .readValue();
  }
}
