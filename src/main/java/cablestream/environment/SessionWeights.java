package cablestream.environment;

import cablestream.browser.CommandResult;
import cablestream.log.Identifier;
import cablestream.memory.Weights;

/**
 * What the parts of a session take in the heap, in bytes, beside their texts; each is weighed by a
 * test.
 */
public final class SessionWeights {
  /** A session's own objects, from its first moment. */
  public static final long OBJECTS = 2_800;

  /** The cable's socket, with its buffers: weighed with Jetty's client, 800 at once. */
  static final long CABLE = 6_144;

  /** What it takes its place with. */
  public static final long SESSION = OBJECTS + CABLE;

  /** What the bridge keeps for a stream or a poll. */
  public static final long ATTACHED = 480;

  /** A subscription with its alarm and its places in two maps. */
  private static final long SUBSCRIPTION = 300;

  /** A request that waits, beside its headers, its body, and what its container keeps for it. */
  public static final int REQUEST = 512;

  /** A command that is being carried out, with its place in the answer. */
  public static final long SLOT = 160;

  /** A message on its way to the socket. */
  private static final long OUTGOING = 160;

  /** An events-id that ended for good, with three digests. */
  public static final long ENDED = 368;

  /** An idempotency key, with the digest of its body. */
  private static final long KEY = 220;

  /** One command's remembered answer. */
  private static final long RESULT = 40;

  private SessionWeights() {}

  /** What a session has for its first subscription, whatever others take meanwhile. */
  public static final long FIRST_SUBSCRIPTION = 1_024;

  /** Its identifier is kept as it is, and in the head of its events, quoted. */
  public static long subscription(Identifier identifier, int headLength) {
    return SUBSCRIPTION + identifier.size() + Weights.ofBytes(headLength);
  }

  public static long outgoing(String frame) {
    return OUTGOING + Weights.of(frame);
  }

  public static long key(String key) {
    return KEY + Weights.of(key);
  }

  public static long result(CommandResult result) {
    return RESULT + Weights.of(result.error());
  }
}
