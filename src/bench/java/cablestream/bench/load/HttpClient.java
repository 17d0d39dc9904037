package cablestream.bench.load;

import cablestream.bench.wire.HttpReader;
import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A client of a bridge: the commands, which streams and polls have in common. It may open its
 * session on one node and continue on another one, which then relays all its requests.
 */
abstract class HttpClient extends LoadClient implements HttpReader.Sink {
  private final BridgeSite staysAt;
  private BridgeSite bridge;
  private boolean moved;

  /** Incremented when it is opened again: responses to earlier requests are ignored. */
  private int life;

  private final String eventsId;

  /** Commands without a response, the first one of which has been sent. */
  private final Queue<String> waiting = new ArrayDeque<>(1);

  HttpClient(int number, Recorder recorder, BridgeSite opensAt, BridgeSite staysAt) {
    super(number, recorder);
    bridge = opensAt;
    this.staysAt = staysAt;
    // Long enough for the protocol, and different in each process.
    eventsId = "/bench-%016x-%06d".formatted(System.nanoTime(), number);
  }

  final BridgeSite bridge() {
    return bridge;
  }

  final Reactor reactor() {
    return bridge.poster().reactor();
  }

  /** The path below the bridge's. */
  final String eventsId() {
    return eventsId;
  }

  @Override
  final void subscribe() {
    post("[{\"identifier\":" + identifier() + ",\"subscribe\":true}]");
  }

  @Override
  final void echo(Message message, long at, long number) {
    String text = BridgeSite.text(message, at, number(), number);
    post(
        "[{\"identifier\":"
            + identifier()
            + ",\"send\":{\"action\":\"echo\",\"message\":"
            + text
            + "}}]");
  }

  /** One after the other, as cablestream.js does: concurrent requests would have no order. */
  private void post(String commands) {
    waiting.add(commands);
    if (waiting.size() == 1) {
      postNext();
    }
  }

  private void postNext() {
    int asked = life;
    bridge.poster().send(bridge.post(eventsId, waiting.peek()), answer -> answered(answer, asked));
  }

  @Override
  void renew() {
    super.renew();
    life++;
    waiting.clear();
  }

  private void answered(Poster.Answer answer, int asked) {
    if (asked != life) {
      return;
    }
    if (answer == null || answer.status() != 200 || answer.body().contains("\"error\"")) {
      fail("a command was answered " + answer);
    }
    if (asked != life) {
      return; // it reconnects
    }
    waiting.remove();
    if (!waiting.isEmpty()) {
      postNext();
    }
  }

  @Override
  final void farewell() {
    bridge.poster().send(bridge.request("DELETE", eventsId, ""), answer -> {});
  }

  /** Whether it has left its session's node. */
  final boolean hasMoved() {
    return moved;
  }

  private void moveOn() {
    connection().close();
    bridge = staysAt;
    moved = true;
    connect();
  }

  /** An event that isn't a message. */
  final void control(byte[] bytes, int from, int to, long now) {
    String json = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (json.contains("\"type\":\"joined\"") && isSubscribed()) {
      fail("the session is another one: " + json);
    } else if (json.contains("\"type\":\"joined\"") && bridge == staysAt) {
      opened(now);
    } else if (json.contains("\"type\":\"joined\"")) {
      // Deferred, because the rest of what was read from the connection is still being parsed.
      reactor().execute(this::moveOn);
    }
    if (json.contains("\"type\":\"connected\"")) {
      confirmed();
    }
    if (json.contains("\"type\":\"gap\"")) {
      recorder().gap();
    }
    if (json.contains("\"type\":\"disconnected\"")) {
      interrupted(json);
    }
    if (json.contains("\"type\":\"closed\"") || json.contains("\"type\":\"rejected\"")) {
      fail(json);
    }
  }
}
