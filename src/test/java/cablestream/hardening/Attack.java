package cablestream.hardening;

/**
 * Something that somebody does to the bridge to the harm of all others.
 *
 * @param name for the table in docs/results/attacks.csv
 * @param fills whether it takes every place that there is by behaving, but for their number: then
 *     somebody new may be refused, and those who are there notice nothing all the same
 */
record Attack(String name, Deed deed, boolean fills) {
  /**
   * Does it, and returns when it is at its height; what it left in the siege goes on until then.
   */
  interface Deed {
    void by(Siege siege) throws Exception;
  }

  Attack(String name, Deed deed) {
    this(name, deed, false);
  }

  /** One that takes every place. */
  static Attack filling(String name, Deed deed) {
    return new Attack(name, deed, true);
  }

  @Override
  public String toString() {
    return name;
  }
}
