package cablestream.chaos;

import cablestream.chaos.Passage.State;

/** The temporary faults of one of several nodes, or of their common store. */
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

  /** Whether it is a fault of the store, and so of all nodes. */
  boolean isOfStore() {
    return name().startsWith("STORE");
  }

  /** The state of the passage from other nodes to this one. */
  State way() {
    return switch (this) {
      case UNREACHABLE, ALONE -> State.CUT;
      case UNHEARD -> State.SILENT;
      default -> State.OPEN;
    };
  }

  /** The state of its passage to the store. */
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
