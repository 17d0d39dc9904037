package cablestream.bench.server;

/**
 * The number of messages written for one client, over all its cables: messages lost with a cable
 * are missing from the sequence of numbers.
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
