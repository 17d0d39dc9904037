package cablestream.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketReaderTest implements WebSocketReader.Sink {
  private final List<String> seen = new ArrayList<>();
  private final WebSocketReader reader = new WebSocketReader(this);

  @Override
  public void text(byte[] bytes, int from, int to) {
    seen.add(new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }

  @Override
  public void control(int opcode, byte[] bytes, int from, int to) {
    seen.add(opcode + ":" + new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 300_000})
  void aFrameOfAnyLengthIsReadWhereverItIsCut(int length) {
    String text = "x".repeat(length);
    byte[] frames =
        joined(frame(text), WebSocketFrames.frame(WebSocketFrames.PING, utf8("p")), frame("end"));
    for (int piece : new int[] {1, 2, 3, 1_000, frames.length}) {
      seen.clear();
      Cuts.even(frames, piece, reader::feed);
      assertThat(seen).containsExactly(text, "9:p", "end");
    }
  }

  @Test
  void framesAreReadOverRandomCuts() {
    for (int seed = 0; seed < 200; seed++) {
      seen.clear();
      Random random = new Random(seed);
      List<String> sent = new ArrayList<>();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int i = 0; i < 20; i++) {
        sent.add("m" + i + "é".repeat(random.nextInt(200)));
        bytes.writeBytes(joined(frame(sent.get(i))));
      }
      Cuts.random(bytes.toByteArray(), random, reader::feed);
      assertThat(seen).isEqualTo(sent);
    }
  }

  @Test
  void aMaskedFrameOfTheStandardIsUnmasked() {
    // RFC 6455, section 5.7.
    byte[] hello = {
      (byte) 0x81, (byte) 0x85, 0x37, (byte) 0xfa, 0x21, 0x3d, 0x7f, (byte) 0x9f, 0x4d, 0x51, 0x58
    };
    assertThat(joined(WebSocketFrames.maskedText(utf8("Hello"), 0x37fa213d))).isEqualTo(hello);
    reader.feed(hello, 0, hello.length);
    assertThat(seen).containsExactly("Hello");
  }

  @Test
  void fragmentsArePutTogetherAroundAControlFrame() {
    // RFC 6455, section 5.7: "Hel" and "lo"; a ping in between is allowed.
    byte[] bytes =
        joined(
            ByteBuffer.wrap(new byte[] {0x01, 0x03, 0x48, 0x65, 0x6c}),
            WebSocketFrames.frame(WebSocketFrames.PING, utf8("?")),
            ByteBuffer.wrap(new byte[] {(byte) 0x80, 0x02, 0x6c, 0x6f}));
    Cuts.even(bytes, 3, reader::feed);
    assertThat(seen).containsExactly("9:?", "Hello");
  }

  @Test
  void aReservedBitIsAnErrorAndNotAMessage() {
    byte[] compressed = {(byte) 0xC1, 0x00};
    assertThatThrownBy(() -> reader.feed(compressed, 0, 2)).hasMessageContaining("reserved");
  }

  @Test
  void theProofIsTheOneOfTheStandard() {
    // RFC 6455, section 1.3.
    assertThat(WebSocketFrames.accept("dGhlIHNhbXBsZSBub25jZQ=="))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  private static ByteBuffer frame(String text) {
    return WebSocketFrames.frame(WebSocketFrames.TEXT, utf8(text));
  }

  private static byte[] joined(ByteBuffer... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuffer part : parts) {
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
