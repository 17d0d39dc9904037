package cablestream.http.response;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.log.Event;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteBufferTest {
  private final WriteBuffer buffer = new WriteBuffer();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverIsAddedComesOutInOrderInPiecesThatFit(long seed) throws IOException {
    Random random = new Random(seed);
    ByteArrayOutputStream in = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int[] sizes = {
      0, 1, 100, 4_000, WriteBuffer.PIECE - 1, WriteBuffer.PIECE, WriteBuffer.PIECE + 1, 50_000
    };
    for (int i = 0; i < 2_000; i++) {
      byte[] event = new byte[sizes[random.nextInt(sizes.length)]];
      random.nextBytes(event);
      in.writeBytes(event);
      buffer.add(event, 0, event.length);
      if (event.length <= Event.COPIED) {
        Arrays.fill(event, (byte) 0);
      }
      while (buffer.isFull() || (!buffer.isEmpty() && random.nextInt(10) == 0)) {
        take(out);
      }
      buffer.written();
    }
    while (!buffer.isEmpty()) {
      take(out);
    }
    assertThat(out.toByteArray()).isEqualTo(in.toByteArray());
  }

  private void take(ByteArrayOutputStream out) throws IOException {
    int before = out.size();
    int length = buffer.writeTo(new Sink(out));
    assertThat(length).isBetween(1, WriteBuffer.PIECE);
    assertThat(out.size() - before).isEqualTo(length);
    buffer.written();
  }

  private static final class Sink extends ServletOutputStream {
    private final ByteArrayOutputStream out;

    Sink(ByteArrayOutputStream out) {
      this.out = out;
    }

    @Override
    public void write(byte[] array, int from, int length) {
      out.write(array, from, length);
    }

    @Override
    public void write(int b) {
      throw new AssertionError("a byte at a time");
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      throw new AssertionError("whoever writes listens");
    }
  }
}
