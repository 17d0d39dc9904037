package cablestream.bench.load;

import cablestream.bench.wire.HttpReader;
import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import cablestream.bench.wire.ReactorConnection;
import cablestream.bench.wire.WebSocketFrames;
import cablestream.bench.wire.WebSocketReader;
import jakarta.json.Json;
import java.nio.charset.StandardCharsets;

/** The baseline: a browser whose WebSocket reaches the Action Cable server itself. */
final class DirectClient extends LoadClient implements HttpReader.Sink, WebSocketReader.Sink {
  private static final String UPGRADE =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Protocol: actioncable-v1-json, actioncable-unsupported\r\n";

  private final Reactor reactor;
  private final BridgeSite cable;
  private final HttpReader upgrade = new HttpReader(this);
  private final WebSocketReader frames = new WebSocketReader(this);
  private ReactorConnection connection;
  private boolean upgraded;
  private long now;

  DirectClient(int number, Recorder recorder, BridgeSite cable, Reactor reactor) {
    super(number, recorder);
    this.cable = cable;
    this.reactor = reactor;
  }

  @Override
  void connect() {
    connection = reactor.connect(cable.address(), this);
  }

  @Override
  public void connected() {
    connection.write(cable.request("GET", "", UPGRADE));
  }

  @Override
  public void received(byte[] bytes, int from, int to, long readAt) {
    now = readAt;
    int start = from;
    if (!upgraded) {
      start += upgrade.feed(bytes, from, to);
    }
    if (upgraded) {
      frames.feed(bytes, start, to);
    }
  }

  @Override
  public void head(HttpReader.Head head) {
    upgraded = head.status() == 101;
    if (!upgraded) {
      fail(head.text());
    }
  }

  @Override
  public void body(byte[] bytes, int from, int to) {
    // Only a refusal has one.
  }

  @Override
  public void end() {
    // Frames follow.
  }

  @Override
  public void text(byte[] bytes, int from, int to) {
    if (message(bytes, from, to, now) >= 0) {
      return;
    }
    String json = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (json.contains("\"type\":\"welcome\"")) {
      opened(now);
    } else if (json.contains("\"type\":\"confirm_subscription\"")) {
      confirmed();
    }
  }

  @Override
  public void control(int opcode, byte[] bytes, int from, int to) {
    if (opcode == WebSocketFrames.CLOSE) {
      close();
      lost("close frame");
    }
  }

  @Override
  void subscribe() {
    send(command("subscribe").build().toString());
  }

  @Override
  void echo(Message message, long at, long number) {
    String text = BridgeSite.text(message, at, number(), number);
    String data = "{\"action\":\"echo\",\"message\":" + text + "}";
    send(command("message").add("data", data).build().toString());
  }

  private jakarta.json.JsonObjectBuilder command(String word) {
    return Json.createObjectBuilder().add("command", word).add("identifier", identifier());
  }

  private void send(String json) {
    byte[] payload = json.getBytes(StandardCharsets.UTF_8);
    connection.write(WebSocketFrames.maskedText(payload, 0x12345678));
  }

  @Override
  void farewell() {
    byte[] normal = {3, (byte) 0xE8};
    connection.write(WebSocketFrames.masked(WebSocketFrames.CLOSE, normal, 0x12345678));
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
