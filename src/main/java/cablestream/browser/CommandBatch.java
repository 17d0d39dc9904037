package cablestream.browser;

import java.util.List;

/**
 * The body of one POST.
 *
 * @param commands in order
 * @param idempotencyKey null for none
 * @param body digest of the body, which distinguishes a repetition from another use of the key;
 *     null without a key
 */
public record CommandBatch(List<Command> commands, String idempotencyKey, Digest body) {
  /** The size of its commands in the heap, in bytes. */
  public long size() {
    return commands.stream().mapToLong(Command::size).sum();
  }
}
