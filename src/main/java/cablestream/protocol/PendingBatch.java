package cablestream.protocol;

import cablestream.browser.Command;
import cablestream.browser.CommandResult;
import cablestream.concurrent.Alarm;
import cablestream.log.Identifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** A POST in progress: the outcomes so far, and the callback for the last of them. */
public final class PendingBatch {
  /** One command of the batch, with its place in the answer. */
  final class Slot {
    private final int place;
    private final Command.Kind kind;
    private final String chanId;

    /** Null once it has been dealt with, so that its memory isn't used for longer. */
    private Command command;

    /** Whether it waits for a subscription's outcome. */
    private boolean held;

    /** Whether the cable has accepted the command, so that it can't be cancelled. */
    private boolean handedOver;

    private boolean done;

    private Slot(int place, Command command) {
      this.place = place;
      this.command = command;
      kind = command.kind();
      Identifier identifier = command.identifier();
      chanId = identifier == null ? null : identifier.chanId();
    }

    /** Null once it has been dealt with. */
    Command command() {
      return command;
    }

    Command.Kind kind() {
      return kind;
    }

    boolean isDone() {
      return done;
    }

    /** The command waits, and may be completed meanwhile. */
    void hold() {
      held = true;
    }

    /** The command waits no longer. */
    void release() {
      held = false;
    }

    /** Releases the command, unless it waits. */
    void drop() {
      if (!held) {
        command = null;
      }
    }

    void handedOver() {
      handedOver = true;
    }

    /** Whether it has no outcome, and the cable hasn't accepted it. */
    private boolean isRevocable() {
      return !done && !handedOver;
    }

    /**
     * Sets the command's outcome; the first call counts.
     *
     * @param error null for success
     */
    void done(String error) {
      if (!done) {
        done = true;
        drop();
        results.set(place, new CommandResult(chanId, sessionId, error));
        left--;
        finishIfComplete();
      }
    }
  }

  private final String sessionId;
  private final List<CommandResult> results;
  private final List<Slot> slots;
  private final Alarm deadline;
  private Consumer<List<CommandResult>> whenComplete;
  private int left;

  PendingBatch(List<Command> commands, String sessionId, Alarm deadline) {
    this.sessionId = sessionId;
    this.deadline = deadline;
    results = new ArrayList<>(Collections.nCopies(commands.size(), null));
    slots = new ArrayList<>(commands.size());
    for (Command command : commands) {
      slots.add(new Slot(slots.size(), command));
    }
    left = slots.size();
  }

  List<Slot> slots() {
    return slots;
  }

  /**
   * Answers when all commands are done, which may be the case already.
   *
   * @param milliseconds after this time, commands that weren't given to the cable fail
   */
  void await(long milliseconds, String tooLate, Consumer<List<CommandResult>> consumer) {
    whenComplete = consumer;
    if (slots.stream().anyMatch(Slot::isRevocable)) {
      deadline.set(milliseconds, () -> giveUp(tooLate));
    }
    finishIfComplete();
  }

  private void giveUp(String tooLate) {
    for (Slot slot : slots) {
      if (slot.isRevocable()) {
        slot.done(tooLate);
      }
    }
  }

  private void finishIfComplete() {
    if (left == 0 && whenComplete != null) {
      Consumer<List<CommandResult>> consumer = whenComplete;
      whenComplete = null;
      deadline.clear();
      consumer.accept(List.copyOf(results));
    }
  }
}
