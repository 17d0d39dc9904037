package cablestream.browser;

import java.util.List;

/**
 * The body of one POST.
 *
 * @param commands in order
 * @param idempotencyKey null for none
 * @param body digest of the body, to tell a repetition from another use of the key; null without a
 *     key
 */
public record CommandBatch(List<Command> commands, String idempotencyKey, Digest body) {
  /** Bytes that its commands take. */
  public long size() {
    return commands.stream().mapToLong(Command::size).sum();
  }
}
