package cablestream.chaos;

import cablestream.chaos.Passage.State;

/** What can befall a node of several, or the store by which they agree; each ends again. */
enum NodeFault {
  KILLED("killed, and started again"),
  TERMINATED("terminated (SIGTERM), and started again"),
  OTHER_VERSION("terminated, and started again with the WAR of the other version"),
  STOPPED("stopped (SIGSTOP), then goes on"),
  UNREACHABLE("reset by whatever other nodes send it"),
  UNHEARD("silent to the other nodes"),
  WITHOUT_STORE("cut off from the store"),
  LATE_STORE("the store answers it late"),
  SILENT_STORE("the store doesn't answer it"),
  ALONE("cut off from the store and the other nodes"),
  STORE_FLUSHED("FLUSHALL in the store"),
  STORE_RESTARTED("the store stopped, and started again empty"),
  STORE_HANGS("the store hangs");

  private final String title;

  NodeFault(String title) {
    this.title = title;
  }

  /** Whether it is one of the store, and so of all nodes. */
  boolean isOfStore() {
    return name().startsWith("STORE");
  }

  /** What becomes of the way to the node from other nodes. */
  State way() {
    return switch (this) {
      case UNREACHABLE, ALONE -> State.CUT;
      case UNHEARD -> State.SILENT;
      default -> State.OPEN;
    };
  }

  /** What becomes of its way to the store. */
  State wayToStore() {
    return switch (this) {
      case WITHOUT_STORE, ALONE -> State.CUT;
      case LATE_STORE -> State.SLOW;
      case SILENT_STORE -> State.SILENT;
      default -> State.OPEN;
    };
  }

  @Override
  public String toString() {
    return title;
  }
}
