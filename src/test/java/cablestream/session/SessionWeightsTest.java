package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.Cable;
import cablestream.cable.CableConnection;
import cablestream.cable.CableEnvironment;
import cablestream.cable.CableSettings;
import cablestream.cable.CableSocket;
import cablestream.cable.DialObserver;
import cablestream.cable.DialRequest;
import cablestream.cable.RecordingOwner;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;
import cablestream.log.EventTime;
import cablestream.log.Identifier;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.support.ManualExecutor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parts of a session are charged is what they take, within 30 %. */
class SessionWeightsTest {
  private static final int MANY = 10_000;
  private static final Percentage CLOSE = Percentage.withPercentage(30);

  private static final Mailbox MAILBOX = new Mailbox(new ManualExecutor());

  private final SessionHarness scene =
      new SessionHarness(TestLimits.sessions(2 * MANY), new Account(4L << 30, 1 << 20));

  private final EventTime time = new EventTime(() -> Instant.EPOCH);
  private final RateLimitedLog rateLimitedLog = new RateLimitedLog(scene.timers);

  /** Bytes that one more takes, after a collection. */
  private static long weigh(IntFunction<Object> make) {
    return weigh(MANY, make);
  }

  private static long weigh(int many, IntFunction<Object> make) {
    Object[] all = new Object[many];
    long before = used();
    for (int i = 0; i < many; i++) {
      all[i] = make.apply(i);
    }
    long after = used();
    assertThat(all).doesNotContainNull();
    return (after - before) / many;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /** Without its cable, which has a weight of its own. */
  @Test
  void aSession() {
    Cable none = new FakeCable(null, null);
    Environment environment = with((owner, mailbox, tunnel) -> none);
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
    Cable cable(Cable.Owner owner, Mailbox mailbox, boolean tunnel);
  }

  private Environment with(CableMaker maker) {
    return new Environment(
        TestLimits.sessions(1),
        scene.timers,
        () -> Instant.EPOCH,
        scene.pool,
        new Random(1),
        new Cable.Dialer() {
          @Override
          public Cable cable(Cable.Owner owner, Mailbox mailbox, boolean tunnel) {
            return maker.cable(owner, mailbox, tunnel);
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

  @Test
  void aSubscription() {
    String rest = "\",\"room\":\"" + "x".repeat(200) + "\"}";
    long[] charged = new long[1];
    long weight =
        weigh(
            i -> {
              Identifier identifier =
                  new Identifier("{\"channel\":\"C" + i + rest, "0123456789abcdef-" + i);
              Subscription subscription =
                  new Subscription(identifier, new Alarm(scene.timers, MAILBOX));
              charged[0] = subscription.weight();
              return subscription;
            });
    assertThat(charged[0]).isCloseTo(weight, CLOSE);
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
              EventEncoder encoder = new EventEncoder("0123456789abcdef", time, log.room());
              for (int n = 0; n < 100; n++) {
                log.append(encoder.frame(log.nextNumber(), text));
              }
              return log;
            });
    assertThat(scene.account.used(Kind.LOG) / logs).isCloseTo(weight, CLOSE);
  }

  @Test
  void aRememberedAnswer() {
    IdempotencyKeys[] keys = new IdempotencyKeys[MANY];
    long weight =
        weigh(
            i -> {
              keys[i] = new IdempotencyKeys(scene.account.holder());
              for (int k = 0; k < 8; k++) {
                String key = "key-" + i + "-" + k;
                keys[i].begin(key, Digest.of(key));
                keys[i].finish(key, List.of(new CommandResult("c", "s", "an error of " + k)));
              }
              return keys[i];
            });
    long charged = scene.account.used(Kind.REMEMBERED) / MANY;
    assertThat(charged).isCloseTo(weight, CLOSE);
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
  void aCommandThatWaits() {
    long[] charged = new long[1];
    long weight =
        weigh(
            i -> {
              Command command =
                  new Command.Send(
                      new Identifier(
                          "{\"channel\":\"" + "語".repeat(100) + i + "\"}", "chan-id-" + i),
                      "{\"text\":\"" + "x".repeat(300) + i + "\"}");
              PendingBatch batch =
                  new PendingBatch(List.of(command), "session", new Alarm(scene.timers, MAILBOX));
              charged[0] = command.size() + SessionWeights.SLOT;
              return batch;
            });
    assertThat(charged[0]).isCloseTo(weight, CLOSE);
  }

  /** All but the socket, which has taken none of them. */
  @Test
  void aMessageOnItsWayToTheSocket() {
    List<CableSocket.Events> dialled = new ArrayList<>();
    CableEnvironment cables =
        new CableEnvironment(
            CableSettings.defaults(URI.create("ws://127.0.0.1/cable")),
            (url, headers, protocols, events) -> {
              dialled.add(events);
              return new DeafSocket();
            },
            scene.timers,
            () -> 0,
            scene.observer);
    Mailbox mailbox = new Mailbox(scene.pool);
    Holder holder = scene.account.holder();
    CableConnection cable =
        new CableConnection(new RecordingOwner(mailbox), mailbox, false, cables);
    CableSender sender = new CableSender(cable, new EventLog(1, 1_024, scene.account), holder, 0);
    mailbox.run(() -> cable.open(ALICE.dial(), DialObserver.OpenedBy.POLL));
    scene.pool.runAll();
    dialled.get(0).opened("actioncable-v1-json");
    dialled.get(0).text("{\"type\":\"welcome\"}".getBytes(StandardCharsets.UTF_8));
    List<String> outcomes = new ArrayList<>();
    long weight =
        weigh(
            i -> {
              String frame = "{\"command\":\"message\",\"data\":\"" + "x".repeat(300) + i + "\"}";
              mailbox.run(
                  () -> assertThat(sender.send(frame, why -> outcomes.add(why + i))).isTrue());
              return "sent";
            });

    assertThat(outcomes).isEmpty();
    assertThat(scene.account.used(Kind.COMMAND) / MANY).isCloseTo(weight, CLOSE);
  }

  /** Takes what it is given, and never says that it has written it. */
  private static final class DeafSocket implements CableSocket {
    @Override
    public void demand() {}

    @Override
    public void taken() {}

    @Override
    public void send(byte[] text, Consumer<String> done) {}

    @Override
    public void close(int code, String reason) {}

    @Override
    public void abort() {}

    @Override
    public int progress() {
      return 0;
    }

    @Override
    public boolean hasUnread() {
      return false;
    }
  }

  @Test
  void anEndedId() {
    SessionHarness crowded =
        new SessionHarness(TestLimits.sessions(2 * MANY), new Account(4L << 30, 1 << 20));
    crowded.listen(new SessionRequest("warms-the-classes-up", ALICE, Mode.TUNNEL, "x-1"), 0);
    long before = used();
    for (int i = 0; i < EndedSessions.MOST_IDS - 1; i++) {
      Caller caller = SessionHarness.caller("https://a.example", "cookie=" + i, "browser-" + i);
      crowded.listen(
          new SessionRequest("a-session-with-number-" + i, caller, Mode.TUNNEL, "x-1"), 0);
      crowded.cables.clear();
      crowded.observer.forget();
    }
    long weight = (used() - before) / EndedSessions.MOST_IDS;
    assertThat(crowded.manager.size()).isZero();
    assertThat(SessionWeights.ENDED).isCloseTo(weight, CLOSE);
  }

  @Test
  void anAttachedListener() {
    Environment environment = with((owner, mailbox, tunnel) -> new FakeCable(null, null));
    Listeners listeners = new Listeners(null, null, MAILBOX, scene.account.holder(), environment);
    long weight =
        weigh(
            i -> {
              AttachedStream stream = new AttachedStream(null, listeners, i, 0);
              stream.addBefore(new byte[200]);
              return stream;
            });
    assertThat(SessionWeights.ATTACHED).isCloseTo(weight, CLOSE);
  }
}
