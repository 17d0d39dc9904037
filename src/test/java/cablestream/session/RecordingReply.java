package cablestream.session;

import cablestream.browser.CommandReply;
import cablestream.browser.CommandResult;
import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import java.util.List;

/** The response to a POST or DELETE. */
final class RecordingReply implements CommandReply {
  List<CommandResult> results;
  Refusal refusal;
  boolean hungUp;

  @Override
  public void answered(Listener.Acceptance acceptance, List<CommandResult> given) {
    assert results == null && refusal == null;
    results = given;
  }

  @Override
  public boolean isClosedByPeer() {
    return hungUp;
  }

  @Override
  public void refused(Refusal why) {
    assert results == null && refusal == null;
    refusal = why;
  }

  /** The errors in order, "ok" for success. */
  List<String> outcomes() {
    return results.stream().map(result -> result.error() == null ? "ok" : result.error()).toList();
  }
}
