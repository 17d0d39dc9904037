package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessagePartsTest {
  private final MessageParts parts = new MessageParts(1_000);

  @Test
  void aMessageInOnePartIsThatPart() {
    assertThat(parts.add(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isTrue();
    assertThat(parts.take()).containsExactly(1, 2, 3);
  }

  @Test
  void aMessageOfNothingIsEmpty() {
    assertThat(parts.take()).isEmpty();
    assertThat(parts.add(ByteBuffer.allocate(0))).isTrue();
    assertThat(parts.take()).isEmpty();
  }

  @Test
  void aMessageThatWasTakenIsNotChangedByTheNext() {
    parts.add(ByteBuffer.wrap(new byte[] {1}));
    byte[] first = parts.take();
    parts.add(ByteBuffer.wrap(new byte[] {2}));
    assertThat(first).containsExactly(1);
    assertThat(parts.take()).containsExactly(2);
  }

  @Test
  void partsOfAnySizeAreJoinedInOrder() {
    Random random = new Random(7);
    for (int round = 0; round < 1_000; round++) {
      byte[] message = new byte[random.nextInt(1_001)];
      random.nextBytes(message);
      int at = 0;
      while (at < message.length) {
        int length = Math.min(1 + random.nextInt(400), message.length - at);
        assertThat(parts.add(ByteBuffer.wrap(message, at, length))).isTrue();
        at += length;
      }
      assertThat(parts.take()).isEqualTo(message);
    }
  }

  @Test
  void aMessageOverTheBoundIsForgotten() {
    assertThat(parts.add(ByteBuffer.allocate(1_000))).isTrue();
    assertThat(parts.add(ByteBuffer.allocate(1))).isFalse();
    assertThat(parts.add(ByteBuffer.wrap(new byte[] {1}))).isTrue();
    assertThat(parts.take()).containsExactly(1);
  }

  @Test
  void aPartIsReadToItsEndAndLeftAsItWas() {
    byte[] bytes = {1, 2, 3, 4};
    ByteBuffer part = ByteBuffer.wrap(bytes, 1, 2);
    parts.add(part);
    assertThat(part.hasRemaining()).isFalse();
    assertThat(parts.take()).containsExactly(2, 3);
    assertThat(bytes).isEqualTo(Arrays.copyOf(new byte[] {1, 2, 3, 4}, 4));
  }
}
