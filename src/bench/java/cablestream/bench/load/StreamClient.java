package cablestream.bench.load;

import cablestream.bench.wire.HttpReader;
import cablestream.bench.wire.ReactorConnection;
import cablestream.bench.wire.SseReader;

/** An EventSource. */
final class StreamClient extends HttpClient {
  private HttpReader http = new HttpReader(this);
  private SseReader sse = new SseReader(this::event);
  private ReactorConnection connection;
  private long now;

  StreamClient(int number, Recorder recorder, BridgeSite opensAt, BridgeSite staysAt) {
    super(number, recorder, opensAt, staysAt);
  }

  @Override
  void connect() {
    http = new HttpReader(this);
    sse = new SseReader(this::event);
    connection = reactor().connect(bridge().address(), this);
  }

  @Override
  public void connected() {
    String accept = "Accept: text/event-stream\r\nCache-Control: no-cache\r\n";
    connection.write(bridge().request("GET", eventsId(), accept));
  }

  @Override
  public void received(byte[] bytes, int from, int to, long readAt) {
    now = readAt;
    http.feed(bytes, from, to);
  }

  @Override
  public void head(HttpReader.Head head) {
    if (head.status() != 200) {
      fail(head.text());
    }
  }

  @Override
  public void body(byte[] bytes, int from, int to) {
    sse.feed(bytes, from, to);
  }

  private void event(byte[] bytes, int from, int to) {
    if (message(bytes, from, to, now) < 0) {
      control(bytes, from, to, now);
    }
  }

  @Override
  public void end() {
    fail("the stream has ended");
  }

  /** Chromium's default, if the stream has sent none. */
  @Override
  long retryMillis() {
    return sse.retryMillis() < 0 ? 3_000 : sse.retryMillis();
  }

  @Override
  ReactorConnection connection() {
    return connection;
  }

  @Override
  void close() {
    connection.close();
  }
}
