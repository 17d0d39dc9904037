package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.support.HeapScale.MANY;
import static cablestream.support.HeapScale.used;
import static cablestream.support.HeapScale.weigh;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Caller;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.cable.DialRequest;
import cablestream.concurrent.Mailbox;
import cablestream.delivery.AttachedStream;
import cablestream.delivery.Listeners;
import cablestream.environment.Environment;
import cablestream.environment.SessionWeights;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;
import cablestream.log.EventTime;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.ManualExecutor;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reservations for a session's parts equal their size on the heap within 30 %. */
class SessionWeightsTest {
  private static final Percentage CLOSE = Percentage.withPercentage(30);

  private static final Mailbox MAILBOX = new Mailbox(new ManualExecutor());

  private final SessionHarness scene =
      new SessionHarness(TestLimits.sessions(2 * MANY), new Account(4L << 30, 1 << 20));

  private final EventTime time = new EventTime(() -> Instant.EPOCH);
  private final RateLimitedLog rateLimitedLog = new RateLimitedLog(scene.timers);

  /** Without its cable, whose weight is separate. */
  @Test
  void aSession() {
    Cable none = new FakeCable(null, null);
    Environment environment = with((owner, mailbox, reader) -> none);
    long weight =
        weigh(
            i ->
                session(
                    new SessionRequest("a-session-with-number-" + i, ALICE, Mode.CHANNELS, null),
                    "0123456789-" + i,
                    environment));
    assertThat(SessionWeights.OBJECTS).isCloseTo(weight, CLOSE);
  }

  private Session session(SessionRequest request, String sessionId, Environment environment) {
    return new Session(
        request, sessionId, scene.account.holder(), null, environment, time, rateLimitedLog);
  }

  private interface CableMaker {
    Cable cable(Cable.Owner owner, Mailbox mailbox, Cable.Reader reader);
  }

  private Environment with(CableMaker maker) {
    return new Environment(
        "node",
        TestLimits.sessions(1),
        new Environment.Execution(scene.timers, () -> Instant.EPOCH, scene.pool, new Random(1)),
        new Cable.Dialer() {
          @Override
          public Cable cable(Cable.Owner owner, Mailbox mailbox, Cable.Reader reader) {
            return maker.cable(owner, mailbox, reader);
          }

          @Override
          public boolean accepts() {
            return true;
          }
        },
        scene.observer,
        scene.account,
        15 * 1_024);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 300, 5_000})
  void aLogOfAHundredEvents(int size) {
    byte[] text = new byte[size];
    EventTime time = new EventTime(() -> Instant.EPOCH);
    int logs = 500;
    long weight =
        weigh(
            logs,
            i -> {
              EventLog log = new EventLog(1_000, 1 << 20, scene.account);
              EventEncoder encoder = new EventEncoder("0123456789abcdef", time, log);
              for (int n = 0; n < 100; n++) {
                log.append(encoder.frame(log.nextNumber(), text));
              }
              return log;
            });
    assertThat(scene.account.used(Kind.LOG) / logs).isCloseTo(weight, CLOSE);
  }

  @Test
  void headersThatAreKept() {
    long[] charged = new long[1];
    long weight =
        weigh(
            i -> {
              DialRequest request =
                  new DialRequest(
                      List.of(
                          new DialRequest.Header("Cookie", "c" + i + "x".repeat(500)),
                          new DialRequest.Header("User-Agent", "ü" + "y".repeat(100))),
                      "token=" + i,
                      List.of("actioncable-v1-json"));
              charged[0] = request.size();
              return request;
            });
    assertThat(charged[0]).isCloseTo(weight, CLOSE);
  }

  @Test
  void anEndedId() {
    SessionHarness crowded =
        new SessionHarness(TestLimits.sessions(2 * MANY), new Account(4L << 30, 1 << 20));
    crowded.listen(new SessionRequest("warms-the-classes-up", ALICE, Mode.TUNNEL, "x-1"), 0);
    long before = used();
    for (int i = 0; i < EndedSessions.MAX_IDS - 1; i++) {
      Caller caller = SessionHarness.caller("https://a.example", "cookie=" + i, "browser-" + i);
      crowded.listen(
          new SessionRequest("a-session-with-number-" + i, caller, Mode.TUNNEL, "x-1"), 0);
      crowded.cables.clear();
      crowded.observer.forget();
    }
    long weight = (used() - before) / EndedSessions.MAX_IDS;
    assertThat(crowded.manager.size()).isZero();
    assertThat(SessionWeights.ENDED).isCloseTo(weight, CLOSE);
  }

  @Test
  void anAttachedListener() {
    Environment environment = with((owner, mailbox, reader) -> new FakeCable(null, null));
    Listeners listeners = new Listeners(null, null, MAILBOX, scene.account.holder(), environment);
    EventEncoder encoder =
        new EventEncoder("0123456789abcdef", time, new EventLog(1, 1_024, scene.account));
    long weight =
        weigh(
            i -> {
              AttachedStream stream = new AttachedStream(null, listeners, i, 0);
              stream.addBefore(encoder.joined(i, "an-events-id-of-30-characters", true));
              return stream;
            });
    assertThat(SessionWeights.ATTACHED).isCloseTo(weight, CLOSE);
  }
}
