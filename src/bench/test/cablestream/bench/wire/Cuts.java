package cablestream.bench.wire;

import java.util.Random;

/** Passes bytes on in pieces, as a network does. */
final class Cuts {
  /** Receives the next piece. */
  interface Piece {
    void take(byte[] bytes, int from, int to);
  }

  private Cuts() {}

  /** In pieces of this length, each in the middle of an array that contains other bytes as well. */
  static void even(byte[] bytes, int length, Piece piece) {
    for (int from = 0; from < bytes.length; from += length) {
      hand(bytes, from, Math.min(bytes.length, from + length), piece);
    }
  }

  /** In pieces of any length. */
  static void random(byte[] bytes, Random random, Piece piece) {
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + 1 + random.nextInt(random.nextInt(40) + 1));
      hand(bytes, from, to, piece);
      from = to;
    }
  }

  private static void hand(byte[] bytes, int from, int to, Piece piece) {
    byte[] lent = new byte[to - from + 14];
    java.util.Arrays.fill(lent, (byte) '\n');
    System.arraycopy(bytes, from, lent, 7, to - from);
    piece.take(lent, 7, 7 + to - from);
    java.util.Arrays.fill(lent, (byte) '#');
  }
}
