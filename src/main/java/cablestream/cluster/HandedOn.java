package cablestream.cluster;

import java.time.Duration;
import java.util.Map;

/**
 * A request that one node hands on to another.
 *
 * @param target path below the context path, and query, as they came
 * @param headers the names in lower case, in any order; all that the bridge reads
 * @param origin how the first node was reached
 * @param body null for none
 * @param patience how long nothing may come back
 */
public record HandedOn(
    String method,
    String target,
    Map<String, String> headers,
    Origin origin,
    byte[] body,
    Duration patience) {
  /** The same, with a body. */
  public HandedOn with(byte[] complete) {
    return new HandedOn(method, target, headers, origin, complete, patience);
  }
}
