package cablestream.protocol;

import static cablestream.support.HeapScale.MANY;
import static cablestream.support.HeapScale.weigh;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Command;
import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.cable.Cable;
import cablestream.cable.CableConnection;
import cablestream.cable.CableDialer;
import cablestream.cable.CableSocket;
import cablestream.cable.DialRequest;
import cablestream.cable.RecordingOwner;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.environment.SessionWeights;
import cablestream.log.EventLog;
import cablestream.log.Identifier;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** The reservations for the holdings of a session's protocol equal their size within 30 %. */
class CommandWeightsTest {
  private static final Percentage CLOSE = Percentage.withPercentage(30);

  private final ManualExecutor pool = new ManualExecutor();
  private final FakeTimers timers = new FakeTimers(pool);
  private final Account account = new Account(4L << 30, 1 << 20);
  private final Mailbox mailbox = new Mailbox(pool);

  @Test
  void aSubscription() {
    String rest = "\",\"room\":\"" + "x".repeat(200) + "\"}";
    long[] charged = new long[1];
    long weight =
        weigh(
            i -> {
              Identifier identifier =
                  new Identifier("{\"channel\":\"C" + i + rest, "0123456789abcdef-" + i);
              Subscription subscription = new Subscription(identifier, new Alarm(timers, mailbox));
              charged[0] = subscription.weight();
              return subscription;
            });
    assertThat(charged[0]).isCloseTo(weight, CLOSE);
  }

  @Test
  void aRememberedAnswer() {
    IdempotencyKeys[] keys = new IdempotencyKeys[MANY];
    long weight =
        weigh(
            i -> {
              keys[i] = new IdempotencyKeys(account.holder());
              for (int k = 0; k < 8; k++) {
                String key = "key-" + i + "-" + k;
                keys[i].begin(key, Digest.of(key));
                keys[i].finish(key, List.of(new CommandResult("c", "s", "an error of " + k)));
              }
              return keys[i];
            });
    long charged = SessionWeights.FIRST_KEY + account.used(Kind.REMEMBERED) / MANY;
    assertThat(charged).isCloseTo(weight, CLOSE);
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
                  new PendingBatch(List.of(command), "session", new Alarm(timers, mailbox));
              charged[0] = command.size() + SessionWeights.SLOT;
              return batch;
            });
    assertThat(charged[0]).isCloseTo(weight, CLOSE);
  }

  /** All except the socket, which has accepted none of them. */
  @Test
  void aMessageOnItsWayToTheSocket() {
    List<CableSocket.Events> dialled = new ArrayList<>();
    CableDialer cables =
        new CableDialer(
            Defaults.cable(URI.create("ws://127.0.0.1/cable")),
            (url, headers, protocols, events) -> {
              dialled.add(events);
              return new DeafSocket();
            },
            timers,
            () -> 0);
    Holder holder = account.holder();
    CableConnection cable =
        new CableConnection(new RecordingOwner(mailbox), mailbox, Cable.Reader.BRIDGE, cables);
    Outgoing outgoing =
        new Outgoing(cable, new EventLog(1, 1_024, account), holder, Integer.MAX_VALUE);
    mailbox.run(() -> cable.open(new DialRequest(List.of(), "", DialRequest.PROTOCOLS), ""));
    pool.runAll();
    dialled.get(0).opened("actioncable-v1-json");
    dialled.get(0).text("{\"type\":\"welcome\"}".getBytes(StandardCharsets.UTF_8));
    List<String> outcomes = new ArrayList<>();
    long weight =
        weigh(
            i -> {
              String frame = "{\"command\":\"message\",\"data\":\"" + "x".repeat(300) + i + "\"}";
              mailbox.run(
                  () -> assertThat(outgoing.send(frame, why -> outcomes.add(why + i))).isTrue());
              return "sent";
            });

    assertThat(outcomes).isEmpty();
    assertThat(account.used(Kind.COMMAND) / MANY).isCloseTo(weight, CLOSE);
  }

  /** Accepts writes, and never completes them. */
  private static final class DeafSocket implements CableSocket {
    @Override
    public void demand() {}

    @Override
    public void releaseEventRoom() {}

    @Override
    public void releaseMessageRoom() {}

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
}
