package cablestream.log;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.memory.Account;
import cablestream.session.Events;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventLogTest {
  private final Account account = Account.ofHeap();
  private final EventTime time = new EventTime(() -> Instant.EPOCH);
  private final EventEncoder encoder = new EventEncoder("s", time, new FreshRoom());

  private EventLog log(int events, int bytes) {
    return new EventLog(events, bytes, account);
  }

  private void append(EventLog log, int size) {
    log.append(encoder.frame(log.nextNumber(), new byte[size]));
  }

  @Test
  void numbersBeginAtOne() {
    EventLog log = log(10, 10_000);
    assertThat(log.nextNumber()).isOne();
    append(log, 1);
    assertThat(log.eventAfter(0).number()).isOne();
    assertThat(log.end()).isOne();
  }

  @Test
  void onlyWhatEveryCursorHasPassedIsEvicted() {
    EventLog log = log(2, 10_000);
    for (int i = 0; i < 50; i++) {
      append(log, 10);
    }
    log.slowestCursorAt(0);
    assertThat(log.holdsAllAfter(0)).isTrue();
    log.slowestCursorAt(10);
    assertThat(log.oldest()).isEqualTo(8);
    assertThat(log.holdsAllAfter(8)).isTrue();
    assertThat(log.holdsAllAfter(7)).isFalse();
    assertThat(log.holdsAllAfter(51)).isFalse();
  }

  @Test
  void theHistoryIsBoundedInBytesToo() {
    EventLog log = log(1_000, 1_000);
    for (int i = 0; i < 20; i++) {
      append(log, 200);
      log.slowestCursorAt(log.end());
    }
    assertThat(log.bytes()).isBetween(600L, 1_000L);
  }

  @Test
  void aCursorThatGoesBackMakesHistoryABacklogAgain() {
    EventLog log = log(5, 10_000);
    for (int i = 0; i < 5; i++) {
      append(log, 10);
      log.slowestCursorAt(log.end());
    }
    assertThat(log.isFull()).isFalse();
    log.slowestCursorAt(0);
    assertThat(log.isFull()).isTrue();
    append(log, 10);
    log.slowestCursorAt(log.end());
    assertThat(log.oldest()).isOne();
  }

  @Test
  void aPinnedAnswerStaysWhateverItsSize() {
    EventLog log = log(1, 100);
    for (int i = 0; i < 5; i++) {
      append(log, 1_000);
    }
    log.pin(2);
    log.slowestCursorAt(5);
    assertThat(log.oldest()).isEqualTo(2);
    log.unpin();
    log.evict();
    assertThat(log.oldest()).isGreaterThan(2);
  }

  @Test
  void aMessageLargerThanTheBoundsIsTakenWhenTheBacklogIsEmpty() {
    EventLog log = log(10, 100);
    assertThat(log.isFull()).isFalse();
    append(log, 5_000);
    assertThat(log.isFull()).isTrue();
    log.slowestCursorAt(log.end());
    assertThat(log.isFull()).isFalse();
  }

  @Test
  void allThatIsTakenFromTheBudgetIsGivenBack() {
    EventLog log = log(3, 10_000);
    for (int i = 0; i < 100; i++) {
      append(log, i);
      log.slowestCursorAt(Math.max(log.oldest(), log.end() - 2));
    }
    assertThat(account.used()).isEqualTo(log.bytes()).isPositive();
    assertThat(account.unread()).isEqualTo(log.backlogBytes()).isPositive();
    log.slowestCursorAt(log.oldest());
    assertThat(account.unread()).isEqualTo(log.backlogBytes()).isEqualTo(log.bytes());
    log.discard();
    assertThat(account.used()).isZero();
    assertThat(account.unread()).isZero();
    assertThat(log.oldest()).isEqualTo(log.end()).isEqualTo(100);
  }

  @Test
  void anEventThatAListenerNeedNotCopyNeverChanges() {
    EventLog log = log(100, 10_000);
    EventEncoder inPlace = new EventEncoder("s", time, log);
    List<Event> held = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      EventEncoder either = i % 3 == 0 ? encoder : inPlace;
      log.append(either.frame(log.nextNumber(), new byte[i % 1_500 * 8]));
      held.add(log.eventAfter(log.end() - 1));
      texts.add(Events.text(held.get(i)));
      log.slowestCursorAt(i % 50 == 0 ? log.end() : Math.max(log.oldest(), log.end() - 5));
    }
    int checked = 0;
    for (int i = 0; i < held.size(); i++) {
      if (held.get(i).length() > Event.COPIED) {
        assertThat(Events.text(held.get(i))).isEqualTo(texts.get(i));
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(2_000);
  }

  @Test
  void aBusyLogUsesItsMemoryAgain() {
    EventLog log = log(10_000, 300_000);
    EventEncoder inPlace = new EventEncoder("s", time, log);
    Set<Integer> blocks = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      passThrough(log, inPlace, 1);
      blocks.add(System.identityHashCode(log.eventAfter(log.end() - 1).array()));
    }
    assertThat(log.bytes()).isGreaterThan(290_000);
    assertThat(blocks).hasSizeLessThan(50);
  }

  @Test
  void aBlockIsNotUsedAgainWhileOneOfItsEventsIsHeldBehindALargerOne() {
    EventLog log = log(10_000, 300_000);
    EventEncoder inPlace = new EventEncoder("s", time, log);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      byte[] frame = new byte[i % 10 == 0 ? 5_000 : 300];
      Arrays.fill(frame, (byte) ('a' + i % 26));
      Event event = inPlace.frame(log.nextNumber(), frame);
      texts.add(Events.text(event));
      log.append(event);
      if (i % 700 < 400) {
        log.slowestCursorAt(log.end());
      }
      for (long position = log.oldest(); position < log.end(); position++) {
        assertThat(Events.text(log.eventAfter(position))).isEqualTo(texts.get((int) position));
      }
    }
    assertThat(log.oldest()).isPositive();
  }

  @Test
  void aLargeEventIsNotTakenForABlockWhateverItsSize() {
    EventLog log = log(10_000, 300_000);
    EventEncoder inPlace = new EventEncoder("s", time, log);
    int around = "id: s-1000\ndata: \n\n".length();
    passThrough(log, inPlace, 999);
    Event large = inPlace.frame(log.nextNumber(), new byte[32 * 1024 - around]);
    log.append(large);
    String text = Events.text(large);
    assertThat(large.array()).hasSize(32 * 1024);
    passThrough(log, inPlace, 5_000);
    assertThat(Events.text(large)).isEqualTo(text);
  }

  @Test
  void itAgreesWithAPlainListWhateverHappens() {
    Random random = new Random(42);
    EventLog log = log(20, 4_000);
    EventEncoder inPlace = new EventEncoder("s", time, log);
    List<Event> all = new ArrayList<>();
    long slowest = 0;
    for (int step = 0; step < 20_000; step++) {
      if (random.nextInt(3) > 0 && !log.isFull()) {
        byte[] frame = new byte[random.nextInt(random.nextInt(10) == 0 ? 3_000 : 300)];
        Arrays.fill(frame, (byte) ('a' + log.end() % 26));
        Event event = encoder.frame(log.nextNumber(), frame);
        log.append(random.nextBoolean() ? event : inPlace.frame(event.number(), frame));
        all.add(event);
      } else {
        long span = log.end() - log.oldest();
        slowest = log.oldest() + (span == 0 ? 0 : random.nextLong(span + 1));
        log.slowestCursorAt(slowest);
      }
      for (long position = log.oldest(); position < log.end(); position++) {
        assertSame(log.eventAfter(position), all.get((int) position));
      }
      assertThat(log.oldest()).isLessThanOrEqualTo(slowest);
      assertThat(log.end() - slowest).isLessThanOrEqualTo(40);
    }
    assertThat(all.size()).isGreaterThan(5_000);
  }

  /** Small events, each read immediately. */
  private static void passThrough(EventLog log, EventEncoder inPlace, int events) {
    for (int i = 0; i < events; i++) {
      log.append(inPlace.frame(log.nextNumber(), new byte[300]));
      log.slowestCursorAt(log.end());
    }
  }

  private static void assertSame(Event actual, Event expected) {
    assertThat(actual.number()).isEqualTo(expected.number());
    assertThat(actual.kind()).isEqualTo(expected.kind());
    assertThat(actual.id()).isEqualTo(expected.id());
    assertThat(RawEvent.data(actual)).isEqualTo(RawEvent.data(expected));
    assertThat(Events.text(actual)).isEqualTo(Events.text(expected));
  }
}
