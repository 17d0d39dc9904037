package cablestream.chaos;

import java.util.List;

/**
 * A bug put between the bridge and one client on purpose, to see that the run finds it. Touched by
 * that client's threads only, events by one and commands by the other.
 */
enum Mutation {
  NONE,
  DROP_AN_EVENT,
  REPEAT_AN_EVENT,
  SWAP_TWO_EVENTS,
  /** Each gap is hidden; the client goes away for a while, so that there is one. */
  HIDE_GAPS,
  REPEAT_A_COMMAND,
  LOSE_A_COMMAND;

  /** The bug strikes the event after so many messages, when all has been going on for a while. */
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

    /** What the client gets to see in place of an event. */
    List<Heard> events(Heard event) {
      if (Mutation.this == HIDE_GAPS && event.data().startsWith("{\"type\":\"gap\"")) {
        return List.of();
      }
      if (event.equals(withheld)) {
        // It was the last one of a poll, and without it the next poll begins with it again.
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

    /** Whether the client now leaves its stream open, reads no more of it, and stays away. */
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
