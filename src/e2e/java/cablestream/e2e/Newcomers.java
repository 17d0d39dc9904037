package cablestream.e2e;

import cablestream.support.containers.Bridge;
import cablestream.support.wire.Commands;
import cablestream.support.wire.Visitor;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * New browsers that come to a node itself, one after the other, while something else is measured:
 * how long the slowest of them waited says what the machine could do meanwhile. On one that is busy
 * with other work everything takes longer, and no promise is broken by it.
 */
final class Newcomers implements AutoCloseable {
  private static final long PAUSE_MILLIS = 200;

  private final Bridge node;
  private final Thread thread = new Thread(this::come, "newcomers");
  private volatile boolean closed;
  private volatile long slowest;

  /** They come from now on, until it is closed. */
  static Newcomers to(Bridge node) {
    Newcomers newcomers = new Newcomers(node);
    newcomers.thread.setDaemon(true);
    newcomers.thread.start();
    return newcomers;
  }

  private Newcomers(Bridge node) {
    this.node = node;
  }

  private void come() {
    while (!closed) {
      long began = System.nanoTime();
      try {
        Visitor visitor = node.visitor();
        visitor.listenTo(Commands.ECHO).close();
        visitor.delete();
      } catch (AssertionError | UncheckedIOException e) {
        // It took so long, too.
      }
      slowest = Math.max(slowest, System.nanoTime() - began);
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        closed = true;
      }
    }
  }

  /** Of all so far. */
  Duration slowest() {
    return Duration.ofNanos(slowest);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
