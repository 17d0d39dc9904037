package cablestream.e2e;

import cablestream.support.containers.Bridge;
import cablestream.support.wire.Commands;
import cablestream.support.wire.Visitor;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * New browsers that connect directly to a node, one after the other, during another measurement:
 * the longest wait among them shows how fast the machine was meanwhile. On a busy machine
 * everything takes longer, which breaks no guarantee.
 */
final class Newcomers implements AutoCloseable {
  private static final long PAUSE_MILLIS = 200;

  private final Bridge node;
  private final Thread thread = new Thread(this::come, "newcomers");
  private volatile boolean closed;
  private volatile long slowest;

  /** Opens sessions from now on, until it is closed. */
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
        // A failed attempt took its time as well.
      }
      slowest = Math.max(slowest, System.nanoTime() - began);
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        closed = true;
      }
    }
  }

  /** The longest wait so far. */
  Duration slowest() {
    return Duration.ofNanos(slowest);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
