package cablestream.protocol;

import cablestream.browser.Command;
import cablestream.browser.CommandResult;
import cablestream.concurrent.Alarm;
import cablestream.log.Identifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** A POST being carried out: the outcomes so far, and whoever waits for the last of them. */
public final class PendingBatch {
  /** One command of the batch, with its place in the answer. */
  final class Slot {
    private final int place;
    private final Command.Kind kind;
    private final String chanId;

    /** Not kept longer than it is needed: what waits is counted, what has been dealt with isn't. */
    private Command command;

    /** Whether it waits for a subscription's outcome. */
    private boolean held;

    /** Set when the cable has been given the command, so that it can't be taken back any more. */
    private boolean handedOver;

    private boolean done;

    private Slot(int place, Command command) {
      this.place = place;
      this.command = command;
      kind = command.kind();
      chanId = chanId(command);
    }

    /** Until it has been dealt with. */
    Command command() {
      return command;
    }

    Command.Kind kind() {
      return kind;
    }

    boolean isDone() {
      return done;
    }

    /** It waits, and may be told to be done meanwhile. */
    void hold() {
      held = true;
    }

    /** It waits no longer. */
    void release() {
      held = false;
    }

    /** Lets go of the command, unless it waits. */
    void drop() {
      if (!held) {
        command = null;
      }
    }

    void handedOver() {
      handedOver = true;
    }

    /**
     * The command's outcome; the first one counts.
     *
     * @param error null where it went well
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
   * Answers when all is done, which it may be already.
   *
   * @param milliseconds after which what hasn't been given to the cable fails
   */
  void await(long milliseconds, String tooLate, Consumer<List<CommandResult>> consumer) {
    whenComplete = consumer;
    if (left > 0) {
      deadline.set(milliseconds, () -> giveUp(tooLate));
    }
    finishIfComplete();
  }

  private void giveUp(String tooLate) {
    for (Slot slot : slots) {
      if (!slot.handedOver) {
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

  private static String chanId(Command command) {
    Identifier identifier = null;
    if (command instanceof Command.Subscribe subscribe) {
      identifier = subscribe.identifier();
    } else if (command instanceof Command.Unsubscribe unsubscribe) {
      identifier = unsubscribe.identifier();
    } else if (command instanceof Command.Send send) {
      identifier = send.identifier();
    } else if (command instanceof Command.Malformed malformed) {
      identifier = malformed.identifier();
    }
    return identifier == null ? null : identifier.chanId();
  }
}
