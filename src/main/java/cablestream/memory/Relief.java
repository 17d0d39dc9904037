package cablestream.memory;

/** Makes room for a holder that would be refused, at the cost of one that holds more. */
public interface Relief {
  /** For holders that nobody makes room for. */
  Relief NONE = (kind, total) -> false;

  /**
   * Frees something of the kind, or of another of its part. Called by the thread that takes, as
   * long as it returns true and that isn't enough yet; it must not block.
   *
   * @param total what the holder would have of the kind's part, in bytes
   * @return whether anything was freed
   */
  boolean makesRoom(Kind kind, long total);
}
