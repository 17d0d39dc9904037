package cablestream.environment;

import cablestream.browser.CommandResult;
import cablestream.log.Identifier;
import cablestream.memory.Weights;

/**
 * The sizes of a session's parts in the heap, in bytes, without their texts; a test measures each.
 */
public final class SessionWeights {
  /** A session's own objects, from the start. */
  public static final long OBJECTS = 2_800;

  /** The cable's socket with its buffers: measured with Jetty's client, 800 at once. */
  static final long CABLE = 6_144;

  /**
   * Room for the latest idempotency key with its results: an accepted session can send, whatever
   * the keys of others have reserved.
   */
  public static final long FIRST_KEY = 512;

  /** What a session reserves at its start. */
  public static final long SESSION = OBJECTS + FIRST_KEY + CABLE;

  /** What the bridge stores for a stream or a poll. */
  public static final long ATTACHED = 480;

  /** A subscription with its alarm and its entries in two maps. */
  private static final long SUBSCRIPTION = 300;

  /** A waiting request, without its headers, its body, and what its container stores for it. */
  public static final int REQUEST = 512;

  /** A command in progress, with its place in the response. */
  public static final long SLOT = 160;

  /** A message that waits for the socket. */
  private static final long OUTGOING = 160;

  /** An events-id that has ended permanently, with three digests. */
  public static final long ENDED = 368;

  /** An idempotency key, with the digest of its body. */
  private static final long KEY = 220;

  /** The remembered result of one command. */
  private static final long RESULT = 40;

  private SessionWeights() {}

  /** What a session reserves for its first subscription before it has one. */
  public static final long FIRST_SUBSCRIPTION = 1_024;

  /** The identifier is stored twice: as it is, and quoted in the head of its events. */
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
