package cablestream.bench.server;

import cablestream.bench.wire.HttpReader;
import cablestream.bench.wire.Message;
import cablestream.bench.wire.ReactorConnection;
import cablestream.bench.wire.WebSocketFrames;
import cablestream.bench.wire.WebSocketReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One client of the simulated server: the upgrade, then Action Cable's protocol (welcome, ping,
 * confirmation, messages) for at most one subscription, whose identifier names the client.
 */
final class Subscriber
    implements ReactorConnection.Handler,
        HttpReader.Sink,
        WebSocketReader.Sink,
        SubscriberCommands.Sink {
  /** The largest number of bytes of a frame in addition to the message. */
  static final int LARGEST_OVERHEAD = 1024;

  private static final byte[] WELCOME = utf8("{\"type\":\"welcome\"}");

  private final ReactorConnection connection;
  private final CableEndpoint server;
  private final HttpReader upgrade = new HttpReader(this);
  private final WebSocketReader frames = new WebSocketReader(this);
  private boolean upgraded;
  private boolean lost;
  private long readAt;
  private String key;

  private int client = -1;
  private byte[] beforeMessage;
  private int index;
  private Tally tally;

  Subscriber(ReactorConnection connection, CableEndpoint server) {
    this.connection = connection;
    this.server = server;
  }

  @Override
  public void received(byte[] bytes, int from, int to, long now) {
    readAt = now;
    try {
      if (upgraded) {
        frames.feed(bytes, from, to);
      } else {
        upgrade.feed(bytes, from, to);
      }
    } catch (IllegalArgumentException e) {
      close();
      lost(e.getMessage());
    }
  }

  @Override
  public void head(HttpReader.Head head) {
    key = head.value("Sec-WebSocket-Key");
    if (key == null) {
      throw new IllegalArgumentException("no upgrade: " + head.text());
    }
    server.asks(this, readAt);
  }

  /** Upgrades the connection, and welcomes the client. */
  void welcome() {
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + WebSocketFrames.accept(key)
            + "\r\nSec-WebSocket-Protocol: actioncable-v1-json\r\n\r\n";
    connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
    upgraded = true;
    text(WELCOME);
    server.welcomed(this);
  }

  @Override
  public void body(byte[] bytes, int from, int to) {
    throw new IllegalArgumentException("an upgrade has no body");
  }

  @Override
  public void end() {
    // Frames follow.
  }

  @Override
  public void text(byte[] bytes, int from, int to) {
    SubscriberCommands.read(new String(bytes, from, to - from, StandardCharsets.UTF_8), this);
  }

  @Override
  public void control(int opcode, byte[] bytes, int from, int to) {
    if (opcode == WebSocketFrames.PING) {
      byte[] payload = java.util.Arrays.copyOfRange(bytes, from, to);
      connection.write(WebSocketFrames.frame(WebSocketFrames.PONG, payload));
    } else if (opcode == WebSocketFrames.CLOSE) {
      byte[] payload = java.util.Arrays.copyOfRange(bytes, from, to);
      connection.write(WebSocketFrames.frame(WebSocketFrames.CLOSE, payload));
      close();
      lost("closed");
    }
  }

  @Override
  public void subscribe(int number, String identifierJson) {
    client = number;
    tally = server.tally(number);
    beforeMessage = utf8("{\"identifier\":" + identifierJson + ",\"message\":");
    server.subscribed(this);
    text(utf8("{\"identifier\":" + identifierJson + ",\"type\":\"confirm_subscription\"}"));
    if (server.sendsFirst()) {
      message(readAt, tally.next());
    }
  }

  @Override
  public void echo(Message.Reader message) {
    message(message.at(), message.number());
    tally.next();
  }

  private void message(long at, long number) {
    ByteBuffer frame = ByteBuffer.allocate(server.echo().size() + LARGEST_OVERHEAD);
    putFrame(frame, server.echo(), at, number);
    write(frame.flip());
  }

  /** Action Cable's heartbeat; omitted while the client doesn't read. */
  void ping(long seconds) {
    if (connection.isClear()) {
      text(utf8("{\"type\":\"ping\",\"message\":" + seconds + "}"));
    }
  }

  /** Writes the frame of the next message into the buffer. */
  void put(ByteBuffer out, Message message, long at) {
    putFrame(out, message, at, tally.next());
  }

  private void putFrame(ByteBuffer out, Message message, long at, long number) {
    int length = beforeMessage.length + message.size() + 1;
    WebSocketFrames.header(out, WebSocketFrames.TEXT, length);
    out.put(beforeMessage);
    message.put(out, at, client, number);
    out.put((byte) '}');
  }

  void write(ByteBuffer frame) {
    connection.write(frame);
  }

  private void text(byte[] json) {
    connection.write(WebSocketFrames.frame(WebSocketFrames.TEXT, json));
  }

  /** Whether the socket has accepted all that was written. */
  boolean isClear() {
    return connection.isClear();
  }

  boolean isLost() {
    return lost;
  }

  /** Its index among the subscribers of the present sending. */
  int index() {
    return index;
  }

  void startSending(int newIndex) {
    index = newIndex;
  }

  void close() {
    connection.close();
  }

  @Override
  public void drained() {
    server.drained(this);
  }

  @Override
  public void lost(String why) {
    lost = true;
    server.lost(this);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
