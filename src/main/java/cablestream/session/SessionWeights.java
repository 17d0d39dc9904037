package cablestream.session;

import cablestream.log.Identifier;
import cablestream.memory.Weights;

/**
 * What the parts of a session take in the heap, in bytes, beside their texts; each is weighed by a
 * test.
 */
final class SessionWeights {
  /** A session's own objects, from its first moment. */
  static final long OBJECTS = 2_100;

  /** The cable's socket, with its buffers: weighed with Jetty's client, 800 at once. */
  static final long CABLE = 6_144;

  /** What it takes its place with. */
  static final long SESSION = OBJECTS + CABLE;

  /** What the bridge keeps for a stream or a poll. */
  static final long ATTACHED = 480;

  /** A subscription with its alarm and its places in two maps. */
  private static final long SUBSCRIPTION = 300;

  /** A command that is being carried out, with its place in the answer. */
  static final long SLOT = 160;

  /** A message on its way to the socket. */
  private static final long OUTGOING = 160;

  /** An events-id that ended for good, with three digests. */
  static final long ENDED = 368;

  /** An idempotency key, with the digest of its body. */
  private static final long KEY = 220;

  /** One command's remembered answer. */
  private static final long RESULT = 40;

  private SessionWeights() {}

  /** Its identifier is kept as it is, and in the head of its events, quoted. */
  static long subscription(Identifier identifier, int headLength) {
    return SUBSCRIPTION + identifier.size() + Weights.ofBytes(headLength);
  }

  static long outgoing(String frame) {
    return OUTGOING + Weights.of(frame);
  }

  static long key(String key) {
    return KEY + Weights.of(key);
  }

  static long result(CommandResult result) {
    return RESULT + Weights.of(result.error());
  }
}
