package cablestream.http;

import cablestream.cluster.Answer;
import cablestream.cluster.HandedOn;
import cablestream.cluster.Node;
import cablestream.cluster.Nodes;
import java.util.List;
import java.util.Map;

/** A request that is handed on to a node, and what follows from what that does. */
abstract class RelayAttempt implements Answer {
  private final Nodes nodes;
  private final String session;
  private final Relays.Relay relay;
  private final Node node;

  RelayAttempt(Nodes nodes, String session, Relays.Relay relay, Node node) {
    this.nodes = nodes;
    this.session = session;
    this.relay = relay;
    this.node = node;
  }

  final void send(HandedOn request) {
    relay.send(node, request, this);
  }

  /** Has its answer handed back. */
  abstract void handBack(int status, List<Map.Entry<String, String>> headers, Body body);

  /** That node doesn't have the session, or is gone. */
  abstract void lookAgain();

  /**
   * There is no answer.
   *
   * @param mayBeDone whether what was asked may have been done
   */
  abstract void refuse(boolean mayBeDone);

  @Override
  public final void answered(int status, List<Map.Entry<String, String>> headers, Body body) {
    if (status == Nodes.MISDIRECTED) {
      body.cancel();
      relay.end();
      lookAgain();
    } else {
      handBack(status, headers, body);
    }
  }

  @Override
  public final void unreachable(String why) {
    relay.fail(node, why);
    lookAgain();
  }

  @Override
  public final void unsent(String why) {
    relay.fail(node, why);
    nodes.forget(session);
    refuse(false);
  }

  @Override
  public final void failed(String why) {
    relay.fail(node, why);
    nodes.forget(session);
    refuse(true);
  }
}
