package cablestream.browser;

import java.util.List;

/**
 * Where the outcome of a POST or a DELETE goes: exactly one call, from inside the session's
 * mailbox.
 */
public interface CommandReply {
  /**
   * Every command has been carried out or has failed; one result each, in order (none of a tunnel).
   */
  void answered(Listener.Acceptance acceptance, List<CommandResult> results);

  /** The whole request is refused; or, with 204, the session was ended as asked. */
  void refused(Refusal refusal);
}
