package cablestream.memory;

/** Makes room for a holder that would be refused, by evicting one that holds more. */
public interface Relief {
  /** Never makes room. */
  Relief NONE = (kind, total) -> false;

  /**
   * Frees memory of the kind, or of another kind of its part. Called by the reserving thread until
   * it returns false or there is enough; it must not block.
   *
   * @param total what the holder would then have of the kind's part, in bytes
   * @return whether anything was freed
   */
  boolean makesRoom(Kind kind, long total);
}
