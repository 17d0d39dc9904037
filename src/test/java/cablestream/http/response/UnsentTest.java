package cablestream.http.response;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.log.Event;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnsentTest {
  private final Unsent unsent = new Unsent(new BufferPool());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverIsAddedComesOutInOrderInPiecesThatFit(long seed) {
    Random random = new Random(seed);
    ByteArrayOutputStream in = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int[] sizes = {0, 1, 100, 4_000, Unsent.PIECE - 1, Unsent.PIECE, Unsent.PIECE + 1, 50_000};
    for (int i = 0; i < 2_000; i++) {
      byte[] event = new byte[sizes[random.nextInt(sizes.length)]];
      random.nextBytes(event);
      in.writeBytes(event);
      unsent.add(event, 0, event.length);
      if (event.length <= Event.COPIED) {
        Arrays.fill(event, (byte) 0);
      }
      while (unsent.isFull() || (!unsent.isEmpty() && random.nextInt(10) == 0)) {
        take(out);
      }
      unsent.landed();
    }
    while (!unsent.isEmpty()) {
      take(out);
    }
    assertThat(out.toByteArray()).isEqualTo(in.toByteArray());
  }

  private void take(ByteArrayOutputStream out) {
    int length = unsent.pieceLength();
    assertThat(length).isBetween(1, Unsent.PIECE);
    out.write(unsent.piece(), unsent.pieceFrom(), length);
    unsent.handedOver();
    unsent.landed();
  }
}
