package cablestream.cable.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.jetty.MessageParts.Added;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessagePartsTest {
  private final Account account = new Account(64 << 20, 8 << 20);
  private final MessageParts parts = new MessageParts(1_000, account);

  @Test
  void aMessageInOnePartIsThatPart() {
    assertThat(parts.add(ByteBuffer.wrap(new byte[] {1, 2, 3}), true)).isEqualTo(Added.YES);
    assertThat(parts.take()).containsExactly(1, 2, 3);
  }

  @Test
  void aMessageOfNothingIsEmpty() {
    assertThat(parts.take()).isEmpty();
    assertThat(parts.add(ByteBuffer.allocate(0), true)).isEqualTo(Added.YES);
    assertThat(parts.take()).isEmpty();
  }

  @Test
  void aMessageThatWasTakenIsNotChangedByTheNext() {
    parts.add(ByteBuffer.wrap(new byte[] {1}), true);
    byte[] first = parts.take();
    parts.add(ByteBuffer.wrap(new byte[] {2}), true);
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
        assertThat(parts.add(ByteBuffer.wrap(message, at, length), false)).isEqualTo(Added.YES);
        at += length;
      }
      assertThat(parts.add(ByteBuffer.allocate(0), true)).isEqualTo(Added.YES);
      assertThat(parts.take()).isEqualTo(message);
    }
  }

  @Test
  void aMessageOverTheBoundIsForgotten() {
    assertThat(parts.add(ByteBuffer.allocate(1_000), false)).isEqualTo(Added.YES);
    assertThat(parts.add(ByteBuffer.allocate(1), false)).isEqualTo(Added.TOO_LARGE);
    assertThat(parts.add(ByteBuffer.wrap(new byte[] {1}), true)).isEqualTo(Added.YES);
    assertThat(parts.take()).containsExactly(1);
  }

  @Test
  void aPartIsReadToItsEndAndLeftAsItWas() {
    byte[] bytes = {1, 2, 3, 4};
    ByteBuffer part = ByteBuffer.wrap(bytes, 1, 2);
    parts.add(part, true);
    assertThat(part.hasRemaining()).isFalse();
    assertThat(parts.take()).containsExactly(2, 3);
    assertThat(bytes).isEqualTo(Arrays.copyOf(new byte[] {1, 2, 3, 4}, 4));
  }

  @Test
  void whatIsUnfinishedIsChargedUntilItIsTakenOrForgotten() {
    parts.add(ByteBuffer.allocate(400), false);
    assertThat(account.used(Kind.MESSAGE)).isEqualTo(416);
    parts.add(ByteBuffer.allocate(101), false);
    assertThat(account.used(Kind.MESSAGE)).isEqualTo(816);
    parts.add(ByteBuffer.allocate(0), true);
    assertThat(account.used(Kind.MESSAGE)).isEqualTo(520);
    parts.take();
    assertThat(account.used()).isZero();
    parts.add(ByteBuffer.allocate(400), false);
    parts.clear();
    assertThat(account.used()).isZero();
  }

  @Test
  void onceClosedThereIsNoMessageAndNothingIsCharged() {
    parts.add(ByteBuffer.allocate(400), false);
    parts.close();
    assertThat(parts.take()).isNull();
    assertThat(parts.add(ByteBuffer.allocate(400), false)).isEqualTo(Added.YES);
    assertThat(parts.add(ByteBuffer.allocate(400), true)).isEqualTo(Added.YES);
    assertThat(parts.take()).isNull();
    assertThat(account.used()).isZero();
  }

  @Test
  void aSmallMessageInOnePartIsNotCharged() {
    parts.add(ByteBuffer.allocate(1_000), true);
    parts.take();
    assertThat(account.used()).isZero();
  }

  @Test
  void aPartThatThereIsNoRoomForIsLeftUnreadAndMayBeTriedAgain() {
    MessageParts large = new MessageParts(16 << 20, account);
    account.force(Kind.LOG, 16 << 20);
    ByteBuffer part = ByteBuffer.allocate(1 << 20);
    assertThat(large.add(part, true)).isEqualTo(Added.NO_ROOM);
    assertThat(part.remaining()).isEqualTo(1 << 20);
    account.release(Kind.LOG, 16 << 20);
    assertThat(large.add(part, true)).isEqualTo(Added.YES);
    assertThat(large.take()).hasSize(1 << 20);
  }

  /** Both exist until the event is created, and the log then reserves its memory. */
  @Test
  void theEventThatIsMadeOfALargeMessageIsChargedWithIt() {
    MessageParts large = new MessageParts(16 << 20, account);
    large.add(ByteBuffer.allocate(100_000), true);
    large.take();
    assertThat(account.used(Kind.MESSAGE)).isEqualTo(2 * 100_016);
    large.releaseEventRoom();
    assertThat(account.used(Kind.MESSAGE)).isEqualTo(100_016);
    large.add(ByteBuffer.allocate(400), false);
    large.clear();
    assertThat(account.used(Kind.MESSAGE)).isEqualTo(100_016);
    large.releaseMessageRoom();
    assertThat(account.used()).isZero();
  }

  @Test
  void aMessageThatThereIsNoRoomToLogIsTriedAgainOrForgotten() {
    MessageParts large = new MessageParts(16 << 20, account);
    account.force(Kind.LOG, account.limit(Kind.MESSAGE) - 150_000);
    ByteBuffer part = ByteBuffer.allocate(100_000);
    large.add(part, false);
    assertThat(large.add(ByteBuffer.allocate(0), true)).isEqualTo(Added.NO_ROOM);
    assertThat(large.add(ByteBuffer.allocate(0), true)).isEqualTo(Added.NO_ROOM);
    large.clear();
    assertThat(account.used(Kind.MESSAGE)).isZero();
  }
}
