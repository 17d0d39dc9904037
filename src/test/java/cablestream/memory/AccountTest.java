package cablestream.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccountTest {
  private static final long MEBIBYTE = 1 << 20;

  private final Account account = new Account(96 * MEBIBYTE, 24 * MEBIBYTE);
  private final long passing = account.limit(Kind.BODY) * Kind.BODY.divisor;

  @Test
  void theWholeEndsWellBelowTheHeapsEndWhateverItsSize() {
    for (long heap = 64; heap <= 16 * 1024; heap *= 2) {
      long bytes = heap * MEBIBYTE;
      Account ofHeap = new Account(bytes, Account.defaultLogs(bytes));
      assertThat(ofHeap.limit()).isBetween(bytes / 3, bytes / 5 * 4);
      assertThat(ofHeap.limit(Kind.LOG)).isEqualTo(bytes / 4);
      assertThat(ofHeap.limit(Kind.MESSAGE) + ofHeap.limit(Kind.SESSION))
          .isLessThan(ofHeap.limit());
    }
  }

  @Test
  void halfAGibibyteHasPlacesForFiveThousandSessions() {
    Account ofHeap = new Account(512 * MEBIBYTE, 128 * MEBIBYTE);
    assertThat(ofHeap.limitOfOpenings()).isGreaterThan(5_000 * 27 * 1024L);
  }

  @Test
  void theHeapForSomeSessionsIsTheSmallestWithPlacesForThem() {
    for (long sessions = MEBIBYTE; sessions <= 4_096 * MEBIBYTE; sessions *= 4) {
      long heap = Account.heapFor(sessions, 0);
      assertThat(places(heap)).isGreaterThanOrEqualTo(sessions);
      assertThat(places(heap - MEBIBYTE)).isLessThan(sessions);
    }
  }

  @Test
  void aLargerPartForLogsNeedsALargerHeapForTheSameSessions() {
    long heap = Account.heapFor(100 * MEBIBYTE, 500 * MEBIBYTE);
    assertThat(new Account(heap, 500 * MEBIBYTE).limitOfOpenings())
        .isBetween(100 * MEBIBYTE, 102 * MEBIBYTE);
  }

  private static long places(long heap) {
    return new Account(heap, Account.defaultLogs(heap)).limitOfOpenings();
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    Holder holder = account.holder();
    long bytes = passing / 3;
    assertThat(holder.reserve(Kind.BODY, bytes)).isTrue();
    assertThat(holder.reserve(Kind.BODY, bytes)).isFalse();
    assertThat(account.refused(Kind.BODY)).isEqualTo(1);
    holder.release(Kind.BODY, bytes);
    assertThat(account.used()).isZero();
    assertThat(holder.reserve(Kind.BODY, bytes)).isTrue();
  }

  @Test
  void whoHoldsMostIsRefusedFirst() {
    Holder greedy = account.holder();
    while (greedy.reserve(Kind.COMMAND, 1_024)) {}
    Holder modest = account.holder();
    assertThat(modest.reserve(Kind.COMMAND, 64 * 1_024)).isTrue();
    assertThat(greedy.reserve(Kind.COMMAND, 1_024)).isFalse();
  }

  @Test
  void manyGreedyOnesLeaveAReserveToThoseWhoHoldLittle() {
    List<Holder> greedy = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      greedy.add(account.holder());
    }
    boolean more = true;
    while (more) {
      more = false;
      for (Holder each : greedy) {
        more |= each.holds(Kind.ANSWER) < 64 * 1_024 && each.reserve(Kind.ANSWER, 8 * 1_024);
        more |= each.holds(Kind.COMMAND) < 64 * 1_024 && each.reserve(Kind.COMMAND, 8 * 1_024);
      }
    }
    for (int i = 0; i < 100; i++) {
      assertThat(account.holder().reserve(Kind.BODY, Account.SMALL)).isTrue();
    }
  }

  @Test
  void smallOnesToHaveABoundTogether() {
    long taken = 0;
    while (account.holder().reserve(Kind.BODY, Account.SMALL)) {
      taken += Account.SMALL;
    }
    assertThat(taken).isLessThanOrEqualTo(account.limit(Kind.BODY));
  }

  @Test
  void sessionsThatAreOpenedLeaveRoomToOpenOnes() {
    Account tomcat = new Account(96 * MEBIBYTE, 24 * MEBIBYTE, 100 * 1_024);
    List<Holder> openings = new ArrayList<>();
    do {
      openings.add(tomcat.opening(Relief.NONE));
    } while (openings.get(openings.size() - 1).reserve(Kind.LISTENER, 100 * 1_024));
    assertThat(tomcat.used()).isGreaterThan(tomcat.limit(Kind.LISTENER) * 9 / 10);
    Holder open = openings.get(0);
    assertThat(open.reserve(Kind.LISTENER, 40 * 1_024)).isFalse();
    open.opened();
    assertThat(open.reserve(Kind.LISTENER, 40 * 1_024)).isTrue();
  }

  @Test
  void strangersTrialsLeaveTheOthersTheirRoom() {
    while (account.holder().reserve(Kind.TRIAL, Account.SMALL)) {}
    assertThat(account.used(Kind.TRIAL)).isLessThanOrEqualTo(passing / 8);
    assertThat(account.holder().reserve(Kind.COMMAND, passing / 4)).isTrue();
  }

  @Test
  void whatAChildHoldsCountsForItsParentAndOutlivesIt() {
    Holder session = account.holder();
    Holder answer = session.child();
    assertThat(answer.reserve(Kind.ANSWER, passing / 3)).isTrue();
    assertThat(session.reserve(Kind.COMMAND, passing / 3)).isFalse();
    session.close();
    assertThat(account.used(Kind.ANSWER)).isEqualTo(passing / 3);
    answer.close();
    assertThat(account.used()).isZero();
  }

  @Test
  void whoIsClosedHoldsNothingAndTakesNothing() {
    Holder holder = account.holder();
    holder.force(Kind.SESSION, 1_000);
    assertThat(holder.reserve(Kind.HEADERS, 1_000)).isTrue();
    holder.close();
    holder.close();
    holder.release(Kind.HEADERS, 1_000);
    assertThat(account.used()).isZero();
    assertThat(holder.reserve(Kind.HEADERS, 1)).isFalse();
    holder.force(Kind.HEADERS, 1);
    assertThat(account.used()).isZero();
  }

  @Test
  void logsThatExceedTheirPartAreToldToAllWhoWakeSleepers() {
    account.force(Kind.LOG, 24 * MEBIBYTE);
    long before = account.pressure();
    assertThat(account.isLogExceeded()).isFalse();
    assertThat(account.pressure()).isEqualTo(before);
    account.force(Kind.LOG, 1);
    assertThat(account.isLogExceeded()).isTrue();
    assertThat(account.pressure()).isNotEqualTo(before);
  }

  @Test
  void aMessageMayHaveWhatTheLogsLeaveAndPressesThemForMore() {
    Holder cable = account.holder();
    assertThat(cable.reserve(Kind.MESSAGE, 14 * MEBIBYTE)).isTrue();
    cable.close();
    account.force(Kind.LOG, 24 * MEBIBYTE);
    assertThat(cable.reserve(Kind.MESSAGE, 14 * MEBIBYTE)).isFalse();
    Holder other = account.holder();
    assertThat(other.reserve(Kind.MESSAGE, 14 * MEBIBYTE)).isFalse();
    assertThat(account.pressure()).isPositive();
    assertThat(other.reserve(Kind.MESSAGE, 1 * MEBIBYTE)).isTrue();
    assertThat(account.isLogExceeded()).isTrue();
  }
}
