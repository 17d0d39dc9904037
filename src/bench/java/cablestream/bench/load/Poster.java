package cablestream.bench.load;

import cablestream.bench.wire.HttpReader;
import cablestream.bench.wire.Reactor;
import cablestream.bench.wire.ReactorConnection;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/** Sends requests over a few kept-alive connections, one at a time on each. */
final class Poster {
  /** The response to a request. */
  record Answer(int status, String body) {}

  private record Request(ByteBuffer bytes, Consumer<Answer> outcome) {}

  private static final int MAX_CONNECTIONS = 20;

  private final Reactor reactor;
  private final InetSocketAddress address;
  private final Queue<Request> waiting = new ArrayDeque<>();
  private final Queue<Lane> idle = new ArrayDeque<>();
  private int lanes;

  Poster(Reactor reactor, InetSocketAddress address) {
    this.reactor = reactor;
    this.address = address;
  }

  Reactor reactor() {
    return reactor;
  }

  /** Sends a request. @param outcome receives the response; null if there was none */
  void send(ByteBuffer request, Consumer<Answer> outcome) {
    waiting.add(new Request(request, outcome));
    if (idle.isEmpty() && lanes < MAX_CONNECTIONS) {
      lanes++;
      new Lane().connect();
    } else if (!idle.isEmpty()) {
      idle.remove().next();
    }
  }

  /** Whether all requests have a response. */
  boolean isIdle() {
    return waiting.isEmpty() && idle.size() == lanes;
  }

  void close() {
    idle.forEach(Lane::close);
    idle.clear();
    lanes = 0;
  }

  private final class Lane implements ReactorConnection.Handler, HttpReader.Sink {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private HttpReader http;
    private ReactorConnection connection;
    private Request current;
    private int status;
    private boolean last;

    void connect() {
      http = new HttpReader(this);
      connection = reactor.connect(address, this);
    }

    void next() {
      current = waiting.poll();
      if (current == null) {
        idle.add(this);
      } else if (connection.isClosed()) {
        connect();
      } else {
        connection.write(current.bytes());
      }
    }

    void close() {
      connection.close();
    }

    @Override
    public void connected() {
      if (current == null) {
        next();
      } else {
        connection.write(current.bytes());
      }
    }

    @Override
    public void received(byte[] bytes, int from, int to, long now) {
      http.feed(bytes, from, to);
    }

    @Override
    public void head(HttpReader.Head head) {
      status = head.status();
      last = "close".equalsIgnoreCase(head.value("Connection"));
      body.reset();
    }

    @Override
    public void body(byte[] bytes, int from, int to) {
      body.write(bytes, from, to - from);
    }

    @Override
    public void end() {
      if (last) {
        connection.close();
      }
      answer(new Answer(status, body.toString(StandardCharsets.UTF_8)));
    }

    @Override
    public void lost(String why) {
      if (current == null && connection.isClosed() && idle.contains(this)) {
        return; // no longer kept alive; it connects again for the next request
      }
      answer(null);
    }

    private void answer(Answer answer) {
      Request answered = current;
      if (answered != null) {
        answered.outcome().accept(answer);
      }
      next();
    }
  }
}
