package cablestream.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.bench.control.Line;
import cablestream.bench.wire.Reactor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each fault injected between the server and a client is counted as what it is. */
class ClientTest {
  private static final int CLIENT = 3;

  private final Recorder recorder = new Recorder();
  private final BridgeSite bridge =
      new BridgeSite(
          URI.create("http://127.0.0.1:9/bridge"),
          "127.0.0.1:9",
          new Reactor(now -> Reactor.Ticker.NEVER));
  private final StreamClient client = new StreamClient(CLIENT, recorder, bridge, bridge);

  private void receive(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    client.body(bytes, 0, bytes.length);
  }

  private static String event(int forClient, long number) {
    String message = BridgeSite.text(new cablestream.bench.wire.Message(200), 1, forClient, number);
    return "id: s-" + number + "\ndata: {\"type\":\"received\",\"message\":" + message + "}\n\n";
  }

  private Line report() {
    Line answer = Line.of("ok");
    return recorder.report(answer);
  }

  @Test
  void messagesOfItsOwnInOrderAreNoFault() {
    receive(event(CLIENT, 1) + ": heartbeat\n\n" + event(CLIENT, 2));
    assertThat(client.sequence().received()).isEqualTo(2);
    assertThat(client.sequence().lost(2)).isZero();
    assertThat(report().values()).containsAllEntriesOf(Map.of("foreign", "0", "malformed", "0"));
  }

  @Test
  void aMessageForSomebodyElseIsForeignAndDoesNotCount() {
    receive(event(CLIENT + 1, 1));
    assertThat(report().number("foreign")).isEqualTo(1);
    assertThat(client.sequence().received()).isZero();
  }

  @Test
  void aMessageThatWasChangedIsMalformed() {
    receive(event(CLIENT, 1).replace("\"pad\"", "\"bad\""));
    assertThat(report().number("malformed")).isEqualTo(1);
    assertThat(client.sequence().received()).isZero();
  }

  @Test
  void aSessionThatWasLostIsBroken() {
    client.open(new NoProgress());
    receive("data: {\"type\":\"joined\"}\n\ndata: {\"type\":\"connected\"}\n\n");
    assertThat(report().number("broken")).isZero();
    receive("data: {\"type\":\"joined\"}\n\n");
    assertThat(report().number("broken")).isEqualTo(1);
  }

  /** Otherwise a herd would open new sessions while its own are ended, and leave them behind. */
  @Test
  void aHerdThatDispersesStaysAway() {
    Herd herd = new Herd();
    client.comeBackBy(herd);
    client.open(herd);
    receive("data: {\"type\":\"joined\"}\n\ndata: {\"type\":\"connected\"}\n\n");
    receive("data: {\"type\":\"closed\"}\n\n");
    assertThat(herd.tick(System.nanoTime())).isLessThan(Reactor.Ticker.NEVER);

    herd.disperse();
    assertThat(herd.tick(Long.MAX_VALUE)).isEqualTo(Reactor.Ticker.NEVER);
    receive("data: {\"type\":\"closed\"}\n\n");
    assertThat(herd.tick(Long.MAX_VALUE)).isEqualTo(Reactor.Ticker.NEVER);
  }

  private static final class NoProgress implements LoadClient.Progress {
    @Override
    public void opened(LoadClient client, long now) {
      // No client waits for it.
    }

    @Override
    public void subscribed(LoadClient client) {
      // No client waits for it.
    }

    @Override
    public void failed(LoadClient client, String why) {
      throw new AssertionError(why);
    }
  }

  @Test
  void aGapIsAnnounced() {
    receive("data: {\"type\":\"gap\",\"dropped\":3}\n\n");
    assertThat(report().number("gaps")).isEqualTo(1);
  }
}
