package cablestream.chaos;

import static cablestream.support.ServerSocketFrames.CLOSE;
import static cablestream.support.ServerSocketFrames.FINAL;
import static cablestream.support.ServerSocketFrames.TEXT;

import cablestream.support.ServerSocketFrames;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * What a {@link NumberingCable} writes: welcome, pings, confirmations and rejections, numbered
 * messages, and sometimes its own end. On one thread.
 */
final class NumberingFlow {
  private static final long PING_MILLIS = 300;
  private static final int MUTE_MILLIS = 5_000;

  private final NumberingServer server;
  private final NumberingCable cable;
  private final OutputStream out;
  private final Random random;
  private Ledger account;
  private String subscribed;
  private String messageHead;
  private long sentInLife;
  private long lastAfter;
  private long lastPing;

  /** 0: none yet. */
  private int life;

  private int deployment;

  NumberingFlow(NumberingServer server, NumberingCable cable, OutputStream out, Random random) {
    this.server = server;
    this.cable = cable;
    this.out = out;
    this.random = random;
    deployment = server.deployment();
  }

  void run() {
    try {
      if (misfortune(FaultKind.UNWELCOME, 40)) {
        cable.await(MUTE_MILLIS);
        return;
      }
      if (misfortune(FaultKind.UNAUTHORIZED, 200)) {
        frame("{\"type\":\"disconnect\",\"reason\":\"unauthorized\",\"reconnect\":false}");
        goodbye(1000);
        return;
      }
      server.authenticate();
      frame("{\"type\":\"welcome\"}");
      out.flush();
      flow();
    } catch (IOException e) {
      // It broke, as this test intends.
    } finally {
      if (life > 0) {
        account.events().end(life, "the connection is over");
      }
      cable.cut();
    }
  }

  private void flow() throws IOException {
    while (!cable.isClosed()) {
      answer();
      if (life > 0 && deployment != server.deployment()) {
        disconnect(FaultKind.RESTARTED, "server_restart", true);
        return;
      }
      int burst = burst();
      if (isDue()) {
        end();
        return;
      }
      ping();
      out.flush();
      cable.await(pause(burst));
    }
  }

  private void answer() throws IOException {
    for (String identifier = cable.next(); identifier != null; identifier = cable.next()) {
      JsonObject parsed = NumberingCable.parse(identifier);
      if (!parsed.getString("channel").equals("NumbersChannel")) {
        frame("{\"identifier\":" + quoted(identifier) + ",\"type\":\"reject_subscription\"}");
      } else if (subscribed == null) {
        confirm(identifier, parsed.getInt("session"));
      }
    }
  }

  private void confirm(String identifier, int session) throws IOException {
    subscribed = identifier;
    messageHead = "{\"identifier\":" + quoted(identifier) + ",\"message\":";
    account = server.account(session);
    cable.confirmed();
    frame("{\"identifier\":" + quoted(identifier) + ",\"type\":\"confirm_subscription\"}");
    life = account.events().begin();
    lastAfter = lifeTime();
    number(1);
  }

  private long lifeTime() {
    double faults = server.course().eventsPerFault() * 9;
    return (long) (-Math.log(1 - random.nextDouble()) * faults) + 1;
  }

  private int burst() throws IOException {
    if (life == 0 || !server.isProducing()) {
      return 0;
    }
    boolean flood = random.nextInt(100) == 0;
    int burst = server.isSteady() ? 1 : 1 + random.nextInt(flood ? 600 : 20);
    number(burst);
    return burst;
  }

  private void number(int messages) throws IOException {
    for (int i = 0; i < messages; i++) {
      long number = account.events().give(life);
      server.count();
      sentInLife++;
      frame(messageHead + Payload.message(account.session(), life, number) + "}");
    }
  }

  /** Whether the server itself is to end the life now. */
  private boolean isDue() {
    return life > 0 && sentInLife >= lastAfter && !server.faults().isCalm();
  }

  private void end() throws IOException {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> disconnect(FaultKind.RESTARTED, "server_restart", true);
      case 3, 4 -> disconnect(FaultKind.SENT_AWAY, "remote", true);
      case 5 -> disconnect(FaultKind.SENT_AWAY_FOR_GOOD, "remote", false);
      case 6, 7 -> {
        server.faults().happened(FaultKind.CLOSED);
        goodbye(1001);
      }
      case 8 -> {
        server.faults().happened(FaultKind.HUNG_UP);
        out.flush();
      }
      default -> {
        server.faults().happened(FaultKind.MUTE);
        out.flush();
        account.events().end(life, "mute");
        cable.await(MUTE_MILLIS);
      }
    }
  }

  /** The reason names the life, so that the client's ledger knows which one it was. */
  private void disconnect(FaultKind kind, String reason, boolean reconnect) throws IOException {
    server.faults().happened(kind);
    account.events().end(life, kind.toString());
    frame(
        "{\"type\":\"disconnect\",\"reason\":\"%s:%d\",\"reconnect\":%b}"
            .formatted(reason, life, reconnect));
    goodbye(1000);
  }

  /** A close frame, and then a moment for the client's response. */
  private void goodbye(int code) throws IOException {
    byte[] payload = {(byte) (code >> 8), (byte) code};
    ServerSocketFrames.write(out, FINAL | CLOSE, payload);
    out.flush();
    cable.await(500);
  }

  private void ping() throws IOException {
    long now = System.nanoTime();
    if (now - lastPing > PING_MILLIS * 1_000_000) {
      lastPing = now;
      frame("{\"type\":\"ping\",\"message\":" + System.currentTimeMillis() / 1_000 + "}");
    }
  }

  private void frame(String text) throws IOException {
    ServerSocketFrames.write(out, FINAL | TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The approximate time of this many messages at the run's rate. */
  private long pause(int burst) {
    if (burst == 0) {
      return 50;
    }
    double millis = 1_000.0 * burst * server.course().sessions() / server.rate();
    return Math.min(server.longestPauseMillis(), (long) (millis * 2 * random.nextDouble()));
  }

  /** Whether a rare fault happens now. */
  boolean misfortune(FaultKind kind, int oneIn) {
    boolean strikes = random.nextInt(oneIn) == 0 && !server.faults().isCalm();
    if (strikes) {
      server.faults().happened(kind);
    }
    return strikes;
  }

  private static String quoted(String text) {
    return Json.createValue(text).toString();
  }
}
