package cablestream.log;

import cablestream.memory.Weights;

/**
 * A subscription's identifier.
 *
 * @param json the JSON object as the client spelled it (without white space), key order and numbers
 *     untouched: what the cable gets
 * @param chanId the first 128 bits, in hex, of the SHA-256 of its canonical form: the same for
 *     every spelling
 */
public record Identifier(String json, String chanId) {
  /** Bytes that it takes in the heap. */
  public long size() {
    return 24 + Weights.of(json) + Weights.of(chanId);
  }
}
