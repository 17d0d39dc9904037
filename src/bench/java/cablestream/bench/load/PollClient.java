package cablestream.bench.load;

import cablestream.bench.wire.HttpReader;
import cablestream.bench.wire.ReactorConnection;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A browser that long-polls: after each response it polls again. */
final class PollClient extends HttpClient {
  private static final Pattern DROPPED = Pattern.compile("\"dropped\":([0-9]+|null)");

  private final ByteArrayOutputStream answer = new ByteArrayOutputStream(1024);
  private HttpReader http;
  private ReactorConnection connection;
  private boolean lastOfConnection;
  private boolean closing;
  private long now;

  PollClient(int number, Recorder recorder, BridgeSite opensAt, BridgeSite staysAt) {
    super(number, recorder, opensAt, staysAt);
  }

  @Override
  void connect() {
    http = new HttpReader(this);
    connection = reactor().connect(bridge().address(), this);
  }

  @Override
  public void connected() {
    if (hasMoved()) {
      // A poll that opens no session gets no joined event.
      opened(System.nanoTime());
    }
    poll();
  }

  private void poll() {
    connection.write(
        bridge().request("GET", eventsId() + "?timeout=25&poll-queue=32", "Accept: */*\r\n"));
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
    lastOfConnection = "close".equalsIgnoreCase(head.value("Connection"));
  }

  @Override
  public void body(byte[] bytes, int from, int to) {
    answer.write(bytes, from, to - from);
  }

  @Override
  public void end() {
    byte[] json = answer.toByteArray();
    answer.reset();
    int messages = 0;
    for (int at = message(json, 0, json.length, now); at >= 0; messages++) {
      at = message(json, at, json.length, now);
    }
    if (messages == 0 || !isSubscribed()) {
      control(json, 0, json.length, now);
    }
    countDropped(json);
    if (!closing) {
      again();
    }
  }

  private void countDropped(byte[] json) {
    // The members beside the messages are short, and are at either end.
    Matcher dropped = DROPPED.matcher(new String(json, StandardCharsets.ISO_8859_1));
    while (dropped.find()) {
      if (!dropped.group(1).equals("0")) {
        recorder().gap();
      }
    }
  }

  private void again() {
    if (lastOfConnection) {
      connection.close();
      connect();
    } else {
      poll();
    }
  }

  @Override
  ReactorConnection connection() {
    return connection;
  }

  @Override
  void close() {
    closing = true;
    connection.close();
  }
}
