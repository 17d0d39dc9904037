package cablestream.memory;

import static cablestream.stress.Threads.together;

import cablestream.stress.Interleavings;
import org.junit.jupiter.api.Test;

/** Holders that reserve, release, close, and pause at the bound, concurrently. */
class AccountInterleavings {
  private static final long HEAP = 96 << 20;
  private static final long LOGS = 24 << 20;

  @Test
  void whoPausedIsWokenByAReviewOnceThereIsRoom() {
    Interleavings.noneFails(AccountInterleavings::pauseDuringAReview);
  }

  /** A session's reviews are sequential, as in its mailbox. */
  private static void pauseDuringAReview() {
    Account account = new Account(HEAP, LOGS);
    long[] seen = {account.pressure()};
    boolean[] paused = {false};
    Object mailbox = new Object();
    Runnable look =
        () -> {
          synchronized (mailbox) {
            paused[0] = account.isLogExceeded();
          }
        };
    Runnable review =
        () -> {
          long before = seen[0];
          seen[0] = account.pressure();
          if (before != seen[0]) {
            look.run();
          }
        };
    account.force(Kind.LOG, LOGS + 1);
    together(look, review);
    account.release(Kind.LOG, LOGS);
    review.run();
    if (paused[0]) {
      throw new AssertionError("paused for ever");
    }
  }

  @Test
  void nothingIsLeftOfAHolderThatIsClosedWhileItTakesAndGivesBack() {
    Interleavings.noneFails(
        () -> {
          Account account = new Account(HEAP, LOGS);
          Holder holder = account.holder();
          holder.reserve(Kind.COMMAND, 100);
          together(
              () -> holder.reserve(Kind.COMMAND, 10),
              () -> {
                holder.force(Kind.COMMAND, 1);
                holder.release(Kind.COMMAND, 100);
              },
              holder::close);
          require(account.used(Kind.COMMAND) == 0, "something of its kind is left");
          require(account.used() == 0, "something is left");
          require(holder.holds(Kind.COMMAND) == 0, "it holds something");
          require(!holder.reserve(Kind.COMMAND, 1), "it reserves after its close");
        });
  }

  @Test
  void whatAChildHoldsCountsUntilItIsGivenBackWhoeverIsClosedFirst() {
    Interleavings.noneFails(
        () -> {
          Account account = new Account(HEAP, LOGS);
          Holder parent = account.holder();
          Holder child = parent.child();
          boolean[] taken = {false};
          together(
              () -> {
                taken[0] = child.reserve(Kind.ANSWER, 10);
                parent.reserve(Kind.ANSWER, 1);
              },
              parent::close);
          require(taken[0], "the child was refused");
          require(account.used(Kind.ANSWER) == 10, "the parent left something, or took it along");
          child.close();
          require(account.used() == 0, "something is left");
        });
  }

  @Test
  void aPartIsNeverFilledBeyondItsBoundByThoseWhoTakeAtOnce() {
    Interleavings.noneFails(
        () -> {
          Account account = new Account(HEAP, LOGS);
          long limit = account.limit(Kind.BODY);
          account.force(Kind.BODY, limit - 10);
          int[] granted = new int[2];
          together(
              () -> granted[0] = account.holder().reserve(Kind.BODY, 7) ? 7 : 0,
              () -> granted[1] = account.holder().reserve(Kind.BODY, 8) ? 8 : 0);
          require(granted[0] + granted[1] > 0, "both were refused, though there is room for one");
          require(
              account.used(Kind.BODY) == limit - 10 + granted[0] + granted[1],
              "what was refused is charged");
          require(account.used(Kind.BODY) <= limit, "beyond the bound");
        });
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
