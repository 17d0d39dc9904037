package cablestream.chaos;

import java.util.List;

/**
 * A bug inserted between the bridge and one client, to check that the run detects it. Used by that
 * client's threads only, events by one and commands by the other.
 */
enum Mutation {
  NONE,
  DROP_AN_EVENT,
  REPEAT_AN_EVENT,
  SWAP_TWO_EVENTS,
  /** Each gap is hidden; the client goes away for a while to cause one. */
  HIDE_GAPS,
  REPEAT_A_COMMAND,
  LOSE_A_COMMAND;

  /** The bug affects the event after this many messages, when all sessions have run for a while. */
  private static final int AFTER = 200;

  /** One client's copy. */
  Instance instance() {
    return new Instance();
  }

  final class Instance {
    private int messages;
    private Heard withheld;
    private int awayAfter = AFTER;
    private boolean commandDone;

    /** The events that the client receives instead of this one. */
    List<Heard> events(Heard event) {
      if (Mutation.this == HIDE_GAPS && event.data().startsWith("{\"type\":\"gap\"")) {
        return List.of();
      }
      if (event.equals(withheld)) {
        // It was the last event of a poll, and without it the next poll begins with it again.
        return List.of();
      }
      if (withheld != null && Mutation.this == SWAP_TWO_EVENTS) {
        List<Heard> swapped = List.of(event, withheld);
        withheld = null;
        return swapped;
      }
      if (!event.isMessage() || ++messages != AFTER) {
        return List.of(event);
      }
      return switch (Mutation.this) {
        case DROP_AN_EVENT, SWAP_TWO_EVENTS -> {
          withheld = event;
          yield List.of();
        }
        case REPEAT_AN_EVENT -> List.of(event, event);
        default -> List.of(event);
      };
    }

    /** Whether the client now leaves its stream open, stops reading it, and stays away. */
    boolean goesAway() {
      boolean leaves = Mutation.this == HIDE_GAPS && messages >= awayAfter;
      awayAfter += leaves ? AFTER : 0;
      return leaves;
    }

    boolean repeatsCommand() {
      return now(REPEAT_A_COMMAND);
    }

    boolean losesCommand() {
      return now(LOSE_A_COMMAND);
    }

    private boolean now(Mutation mine) {
      boolean first = Mutation.this == mine && !commandDone && messages > AFTER;
      commandDone |= first;
      return first;
    }
  }
}
