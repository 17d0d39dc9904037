package cablestream.bench.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One thread, one selector, any number of sockets. All state of the sockets and their handlers
 * belongs to that thread; other threads use {@link #execute}.
 */
public final class Reactor implements Runnable {
  /** Runs work at given times; the reactor calls it in each turn. */
  public interface Ticker {
    /** Nothing is planned. */
    long NEVER = Long.MAX_VALUE;

    /**
     * Does what is due.
     *
     * @param now nanoseconds of {@link System#nanoTime}
     * @return when to call it again; {@link #NEVER} for after the next event
     */
    long tick(long now);

    /**
     * Whether that time has to be met within microseconds. The reactor then sleeps for the last two
     * milliseconds instead of selecting, which is right only for a server that has nothing to
     * receive.
     */
    default boolean isExact() {
      return false;
    }
  }

  private static final int BUFFER_BYTES = 256 * 1024;

  /**
   * A selector's timeout is in whole milliseconds; for anything sooner the reactor sleeps exactly.
   */
  private static final long FINEST_SELECT_NANOS = 2_000_000;

  private final Selector selector;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Ticker ticker;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] bytes = new byte[BUFFER_BYTES];
  private volatile boolean stopped;

  public Reactor(Ticker ticker) {
    this.ticker = ticker;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the task on the reactor's thread. Any thread. */
  public void execute(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  /** Evaluates on the reactor's thread. Any thread. */
  public <T> CompletableFuture<T> ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    execute(
        () -> {
          try {
            answer.complete(question.get());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /** Ends {@link #run} and closes all sockets. Any thread. */
  public void stop() {
    stopped = true;
    selector.wakeup();
  }

  /**
   * Accepts connections on loopback.
   *
   * @param port 0 for any free one
   * @param handlers creates the handler of an accepted connection
   * @return the port
   */
  public int listen(int port, Function<ReactorConnection, ReactorConnection.Handler> handlers)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress("127.0.0.1", port), 4096);
    server.configureBlocking(false);
    execute(() -> register(server, handlers));
    return server.socket().getLocalPort();
  }

  private void register(
      ServerSocketChannel server, Function<ReactorConnection, ReactorConnection.Handler> handlers) {
    try {
      server.register(selector, SelectionKey.OP_ACCEPT, (Runnable) () -> accept(server, handlers));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(
      ServerSocketChannel server, Function<ReactorConnection, ReactorConnection.Handler> handlers) {
    try {
      SocketChannel channel = server.accept();
      while (channel != null) {
        ReactorConnection connection = attach(channel, SelectionKey.OP_READ);
        connection.handledBy(handlers.apply(connection));
        channel = server.accept();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects without blocking; the handler receives the outcome. The reactor's thread only. */
  public ReactorConnection connect(InetSocketAddress address, ReactorConnection.Handler handler) {
    try {
      SocketChannel channel = SocketChannel.open();
      ReactorConnection connection = attach(channel, SelectionKey.OP_CONNECT);
      connection.handledBy(handler);
      channel.connect(address);
      return connection;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ReactorConnection attach(SocketChannel channel, int interest) throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    SelectionKey key = channel.register(selector, interest);
    ReactorConnection connection = new ReactorConnection(channel, key);
    key.attach(connection);
    return connection;
  }

  @Override
  public void run() {
    sleepExactly();
    try {
      while (!stopped) {
        turn();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      closeAll();
    }
  }

  private void turn() throws IOException {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
    long next = ticker.tick(System.nanoTime());
    long wait = next - System.nanoTime();
    if (next == Ticker.NEVER) {
      selector.select(this::ready);
    } else if (wait <= 0) {
      selector.selectNow(this::ready);
    } else if (!ticker.isExact()) {
      selector.select(this::ready, wait / 1_000_000 + 1);
    } else if (wait >= FINEST_SELECT_NANOS) {
      selector.select(this::ready, wait / 1_000_000 - 1);
    } else if (selector.selectNow(this::ready) == 0) {
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof ReactorConnection connection) {
      connection.ready(buffer, bytes);
    } else {
      ((Runnable) key.attachment()).run();
    }
  }

  /**
   * Makes this thread's sleeps end within microseconds of their time. By default Linux adds 50 µs,
   * which would count as the bridge's latency.
   */
  public static void sleepExactly() {
    try {
      // The link contains PID/task/TID; the file exists only in the directory named by the TID
      // itself.
      Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
      Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1000");
    } catch (IOException e) {
      System.err.println("timer slack stays as it is: " + e);
    }
  }

  private void closeAll() {
    try {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
