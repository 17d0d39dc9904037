package cablestream.chaos;

import jakarta.json.JsonObject;
import java.util.Random;

/**
 * Action Cable's own client over a tunnel: it subscribes after the welcome, sends after the
 * confirmation, and starts again when the tunnel closes.
 */
final class TunnelClient extends EventSourceClient {
  private volatile boolean confirmed;

  TunnelClient(
      Ledger account,
      Network network,
      Faults faults,
      Random random,
      Mutation mutation,
      double eventsPerTakeOver) {
    super(account, network, faults, random, mutation, eventsPerTakeOver);
  }

  @Override
  String query() {
    return "?" + Dialect.FRAMES.query() + "ping=1";
  }

  /** Joining a live tunnel without a cursor closes it. */
  @Override
  String firstCursor() {
    return "0";
  }

  @Override
  boolean maySend() {
    return confirmed;
  }

  @Override
  boolean take(Heard event) {
    switch (event.type()) {
      case "opened" -> {
        boolean resumed = event.json().getBoolean("resumed");
        account.events().joined(event.session(), event.number(), resumed, resumed);
        belongsTo(event.session(), false);
      }
      case "drain" -> account.events().passed(event.session(), event.number());
      case "close" -> {
        confirmed = false;
        beginAnew("close " + event.data());
        return false;
      }
      default -> frame(event);
    }
    moveTo(event);
    return true;
  }

  private void frame(Heard event) {
    Heard.Message message = event.messageOfFrame();
    if (message != null) {
      received(event, message);
    } else {
      understand(event, event.json());
    }
  }

  private void understand(Heard event, JsonObject frame) {
    EventLedger ledger = account.events();
    String session = event.session();
    switch (frame.getString("type")) {
      case "confirm_subscription" -> {
        ledger.connected(session, event.number());
        confirmed = true;
      }
      case "disconnect" -> disconnected(session, event.number(), frame.getString("reason"));
      case "welcome" -> {
        ledger.passed(session, event.number());
        belongsTo(session, true);
      }
      default -> ledger.passed(session, event.number());
    }
  }
}
