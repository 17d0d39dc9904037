package cablestream.session;

import cablestream.browser.Digest;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Events-ids that were recently in use here: distinguishes a client that comes too late from one
 * that was routed to the wrong node. Of fixed size: each id has one slot, which another may
 * overwrite, so an id is sometimes forgotten, but never found by mistake. Any thread.
 */
final class SeenIds {
  private static final int PLACES = 32 * 1_024;

  private final AtomicLongArray places = new AtomicLongArray(PLACES);

  void add(String eventsId) {
    long mark = mark(eventsId);
    places.set(place(mark), mark);
  }

  boolean contains(String eventsId) {
    long mark = mark(eventsId);
    return places.get(place(mark)) == mark;
  }

  private static long mark(String eventsId) {
    return Digest.of(eventsId).bits();
  }

  private static int place(long mark) {
    return (int) (mark & (PLACES - 1));
  }
}
