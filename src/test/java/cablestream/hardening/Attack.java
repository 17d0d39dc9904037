package cablestream.hardening;

/**
 * An attack on the bridge.
 *
 * @param name in the table docs/results/attacks.csv
 * @param fills whether it occupies all places by a large number of regular clients: newcomers may
 *     then be refused, but clients that are already connected must not notice anything
 */
record Attack(String name, Deed deed, boolean fills) {
  /**
   * Starts the attack and returns when it is at its peak; what it added to the siege continues
   * until the siege ends.
   */
  interface Deed {
    void by(Siege siege) throws Exception;
  }

  Attack(String name, Deed deed) {
    this(name, deed, false);
  }

  /** An attack that occupies all places. */
  static Attack filling(String name, Deed deed) {
    return new Attack(name, deed, true);
  }

  @Override
  public String toString() {
    return name;
  }
}
