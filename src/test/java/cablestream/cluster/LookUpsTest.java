package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.concurrent.DaemonThreads;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.FakeTimers;
import cablestream.support.NoFaults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Responses to requests that wait for the store. */
@Timeout(30)
class LookUpsTest {
  private static final int MAX_WAITING = 4_096;

  /** Look-ups held by the threads, which no other look-up displaces. */
  private static final int MAX_ASKED = 4 * 512;

  private final FakeTimers timers = new FakeTimers();
  private final Account account = new Account(1L << 30, 1L << 28);
  private final CountDownLatch storeAnswers = new CountDownLatch(1);
  private final ExecutorService threads =
      Executors.newCachedThreadPool(new DaemonThreads("look-ups"));
  private volatile LookUps lookUps = asking(this::awaitStore);

  private LookUps asking(Function<List<Question>, List<Place>> asker) {
    return new LookUps(asker, timers, Runnable::run, account, threads);
  }

  private List<Place> awaitStore(List<Question> questions) {
    try {
      storeAnswers.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return questions.stream().<Place>map(question -> new Place.Here()).toList();
  }

  private CompletableFuture<Place> ask(String network) {
    CompletableFuture<Place> place = new CompletableFuture<>();
    lookUps.add(new Question("id", network, 1_000, true, false, null), place::complete);
    return place;
  }

  private List<CompletableFuture<Place>> ask(int times, String network) {
    return new ArrayList<>(IntStream.range(0, times).mapToObj(i -> ask(network)).toList());
  }

  @AfterEach
  void close() {
    storeAnswers.countDown();
    lookUps.close();
    threads.shutdown();
  }

  @Test
  void manyAreAskedForTogetherAndEachGetsItsOwnPlace() throws Exception {
    lookUps =
        asking(
            questions -> {
              List<Place> places = awaitStore(questions);
              assertThat(places).hasSameSizeAs(questions);
              return places;
            });
    List<CompletableFuture<Place>> all = ask(1_000, "192.0.2.1");
    storeAnswers.countDown();
    for (CompletableFuture<Place> place : all) {
      assertThat(place.get(5, TimeUnit.SECONDS)).isEqualTo(new Place.Here());
    }
    assertThat(account.used(Kind.LOOKUP)).isZero();
  }

  @Test
  void theNetworkThatAsksMostGivesWayToANewcomer() throws Exception {
    List<CompletableFuture<Place>> strangers = ask(MAX_ASKED + MAX_WAITING, "192.0.2.1");
    CompletableFuture<Place> newcomer = ask("198.51.100.1");

    assertThat(newcomer).isNotDone();
    assertThat(strangers.stream().filter(CompletableFuture::isDone))
        .isNotEmpty()
        .allMatch(place -> place.join().equals(new Place.Busy()));
    storeAnswers.countDown();
    assertThat(newcomer.get(5, TimeUnit.SECONDS)).isEqualTo(new Place.Here());
  }

  @Test
  void soItDoesWhereThereIsNoMemory() throws Exception {
    ask((int) (account.limit(Kind.LOOKUP) / 1_000), "192.0.2.1");
    long used = account.used(Kind.LOOKUP);
    CompletableFuture<Place> newcomer = ask("198.51.100.1");

    assertThat(newcomer).isNotDone();
    assertThat(account.used(Kind.LOOKUP)).isLessThanOrEqualTo(Math.max(used, 1_000));
    storeAnswers.countDown();
    assertThat(newcomer.get(5, TimeUnit.SECONDS)).isEqualTo(new Place.Here());
  }

  @Test
  void nobodyWaitsLongerThanTheDeadlineForAStoreThatDoesNotAnswer() {
    CompletableFuture<Place> place = ask("192.0.2.1");
    timers.advance(Duration.ofMillis(2_900));
    assertThat(place).isNotDone();
    timers.advance(Duration.ofMillis(100));
    assertThat(place).isCompletedWithValue(new Place.Unknown());
    assertThat(account.used(Kind.LOOKUP)).isZero();
  }

  @NoFaults.Expected
  @Test
  void anErrorInTheAnswerLeavesNoRequestUnanswered() throws Exception {
    lookUps =
        asking(
            questions -> {
              throw new StackOverflowError("of an array of arrays");
            });
    assertThat(ask("192.0.2.1").get(5, TimeUnit.SECONDS)).isEqualTo(new Place.Unknown());
    assertThat(ask("192.0.2.1").get(5, TimeUnit.SECONDS)).isEqualTo(new Place.Unknown());
  }

  /** In a servlet container nothing ends a process that couldn't start a thread. */
  @NoFaults.Expected
  @Test
  void threadsThatCouldNotBeStartedAreStartedForLaterRequests() throws Exception {
    AtomicInteger failing = new AtomicInteger(LookUps.THREADS);
    Executor atFirstFull =
        work -> {
          if (failing.getAndDecrement() > 0) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          threads.execute(work);
        };
    lookUps = new LookUps(this::awaitStore, timers, Runnable::run, account, atFirstFull);
    storeAnswers.countDown();
    for (CompletableFuture<Place> place : ask(LookUps.THREADS + 1, "192.0.2.1")) {
      assertThat(place.get(5, TimeUnit.SECONDS)).isEqualTo(new Place.Here());
    }
  }

  @Test
  void theEndIsAnAnswer() {
    List<CompletableFuture<Place>> all = ask(MAX_ASKED + 1, "192.0.2.1");
    lookUps.close();
    storeAnswers.countDown();
    Awaitility.await().until(() -> all.stream().allMatch(CompletableFuture::isDone));
    assertThat(ask("192.0.2.1")).isCompletedWithValue(new Place.Busy());
  }
}
