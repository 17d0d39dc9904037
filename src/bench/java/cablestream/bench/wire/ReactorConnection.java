package cablestream.bench.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;

/** One non-blocking socket of a {@link Reactor}; used on the reactor's thread only. */
public final class ReactorConnection {
  /** The user of a connection. */
  public interface Handler {
    /** It is connected (only for outgoing connections). */
    default void connected() {}

    /**
     * Bytes have arrived.
     *
     * @param bytes valid until this returns; may be changed
     * @param now when the read that brought them was complete, {@link System#nanoTime}
     */
    void received(byte[] bytes, int from, int to, long now);

    /** The kernel has accepted everything written so far, after it hadn't at first. */
    default void drained() {}

    /** The connection has ended, for any reason except our own {@link #close}. Called once. */
    void lost(String why);
  }

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Queue<ByteBuffer> unsent = new ArrayDeque<>(2);
  private Handler handler;
  private boolean paused;
  private boolean closed;

  ReactorConnection(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  void handledBy(Handler newHandler) {
    handler = newHandler;
  }

  /**
   * Writes what the kernel accepts and keeps a copy of the rest, to be written later. The caller
   * may reuse the buffer when this returns.
   */
  public void write(ByteBuffer data) {
    if (closed) {
      return;
    }
    try {
      if (unsent.isEmpty()) {
        channel.write(data);
      }
    } catch (IOException e) {
      lose(e.getMessage());
      return;
    }
    if (data.hasRemaining()) {
      ByteBuffer rest = ByteBuffer.allocate(data.remaining());
      unsent.add(rest.put(data).flip());
      updateInterest();
    }
  }

  /** Whether the last write was accepted completely, so that writing more makes sense. */
  public boolean isClear() {
    return unsent.isEmpty() && !closed;
  }

  public boolean isClosed() {
    return closed;
  }

  /** Stops reading (or resumes), as a browser's suspended tab does; the kernel's buffers fill. */
  public void pause(boolean stopReading) {
    paused = stopReading;
    if (!closed) {
      updateInterest();
    }
  }

  /** Closes the socket; the handler is not called again. */
  public void close() {
    closed = true;
    unsent.clear();
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a socket doesn't fail on Linux", e);
    }
  }

  void ready(ByteBuffer buffer, byte[] bytes) {
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        updateInterest();
        handler.connected();
      }
      if (!closed && key.isWritable()) {
        writeUnsent();
      }
      if (!closed && key.isReadable()) {
        read(buffer, bytes);
      }
    } catch (IOException e) {
      lose(e.getMessage());
    }
  }

  private void read(ByteBuffer buffer, byte[] bytes) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    long now = System.nanoTime();
    if (count < 0) {
      lose("closed by the other side");
    } else {
      buffer.flip().get(bytes, 0, count);
      handler.received(bytes, 0, count, now);
    }
  }

  private void writeUnsent() throws IOException {
    while (!unsent.isEmpty()) {
      ByteBuffer first = unsent.peek();
      channel.write(first);
      if (first.hasRemaining()) {
        return;
      }
      unsent.remove();
    }
    updateInterest();
    handler.drained();
  }

  private void updateInterest() {
    if (channel.isConnected()) {
      int reading = paused ? 0 : SelectionKey.OP_READ;
      key.interestOps(unsent.isEmpty() ? reading : reading | SelectionKey.OP_WRITE);
    }
  }

  private void lose(String why) {
    close();
    handler.lost(why);
  }
}
