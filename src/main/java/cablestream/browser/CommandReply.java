package cablestream.browser;

import java.util.List;

/** Receives the outcome of a POST or a DELETE: exactly one call, from any thread. */
public interface CommandReply {
  /** Every command has succeeded or failed: one result each, in order (none for a tunnel). */
  void answered(Listener.Acceptance acceptance, List<CommandResult> results);

  /** The whole request is refused or, with 204, the session has ended as requested. */
  void refused(Refusal refusal);

  /** See {@link Listener#isClosedByPeer}. */
  default boolean isClosedByPeer() {
    return false;
  }
}
