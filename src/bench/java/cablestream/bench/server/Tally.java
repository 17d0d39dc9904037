package cablestream.bench.server;

/**
 * How many messages were written for one client, over all its cables: what a lost cable took with
 * it is missing from the numbers that come after.
 */
final class Tally {
  private long sent;

  /** The number of the next message. */
  long next() {
    return ++sent;
  }

  long sent() {
    return sent;
  }
}
