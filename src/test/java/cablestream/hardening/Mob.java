package cablestream.hardening;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import cablestream.support.wire.Site;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Thousands of connections on one thread. Each writes its bytes as fast as they are accepted, and
 * reads only if configured so.
 */
final class Mob implements AutoCloseable {
  /** An address that regular clients don't use. */
  private static final String ELSEWHERE = "127.0.0.66";

  private static final int RECEIVE_BUFFER = 4 * 1_024;
  private static final long ROUND_MILLIS = 5;

  /** Bytes of one member in one round. */
  private static final int MAX_OF_ONE = 64 * 1_024;

  /**
   * Bytes of all members in one round: a gigabit per second, which is a network's limit and not
   * loopback's.
   */
  private static final int MAX_A_ROUND = (int) (125_000_000 * ROUND_MILLIS / 1_000);

  private final Site site;
  private final Selector selector;
  private final Queue<Member> newcomers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger writing = new AtomicInteger();
  private final AtomicInteger members = new AtomicInteger();
  private final ByteBuffer read = ByteBuffer.allocate(64 * 1_024);

  /** Bytes that may still be written in this round; accessed by the mob's thread only. */
  private int left;

  private volatile boolean over;
  private volatile long progress = System.nanoTime();

  Mob(Site site) {
    this.site = site;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CableServer.start("mob", this::run);
  }

  /** A connection and the bytes that it still has to write. */
  final class Member {
    private final SocketChannel channel;
    private final Deque<ByteBuffer> words = new ArrayDeque<>();
    private byte[] refrain;
    private int times;
    private Supplier<String> drop;
    private long nextDrop;
    private boolean reads;
    private boolean silent;
    private boolean halfClosed;

    Member(SocketChannel channel, byte[] first) {
      this.channel = channel;
      words.add(ByteBuffer.wrap(first));
    }

    /** Then writes that this many times, as fast as it is accepted. */
    Member again(int number, byte... bytes) {
      refrain = bytes;
      times = number;
      return this;
    }

    Member again(int number, String latin1) {
      return again(number, latin1.getBytes(ISO_8859_1));
    }

    /** Then writes that once per second. */
    Member drip(String latin1) {
      return drip(() -> latin1);
    }

    /** The same with a new text each time. */
    Member drip(Supplier<String> latin1) {
      drop = latin1;
      return this;
    }

    /** Also reads and discards what arrives. */
    Member reading() {
      reads = true;
      return this;
    }

    /** Then closes its side of the connection. */
    Member halfClosing() {
      halfClosed = true;
      return this;
    }

    /** Connects and begins to write. */
    void go() {
      writing.incrementAndGet();
      members.incrementAndGet();
      newcomers.add(this);
      selector.wakeup();
    }

    private void enter() throws IOException {
      channel.register(selector, SelectionKey.OP_WRITE | (reads ? SelectionKey.OP_READ : 0), this);
    }

    private void write(SelectionKey key) throws IOException {
      for (int written = 0; written < MAX_OF_ONE && left > 0; ) {
        ByteBuffer word = nextWord();
        if (word == null) {
          rest(key);
          return;
        }
        int count = channel.write(word);
        written += count;
        left -= count;
        progress = count > 0 ? System.nanoTime() : progress;
        if (word.hasRemaining()) {
          return;
        }
        words.remove();
      }
    }

    private ByteBuffer nextWord() {
      if (words.isEmpty() && times > 0) {
        times--;
        words.add(ByteBuffer.wrap(refrain));
      }
      return words.peek();
    }

    private void rest(SelectionKey key) throws IOException {
      key.interestOps(key.interestOps() & ~SelectionKey.OP_WRITE);
      if (!silent) {
        silent = true;
        writing.decrementAndGet();
        if (halfClosed) {
          channel.shutdownOutput();
        }
      }
      nextDrop = System.nanoTime() + 1_000_000_000;
    }

    private void drip(SelectionKey key, long now) {
      if (drop != null && words.isEmpty() && now - nextDrop >= 0) {
        words.add(ByteBuffer.wrap(drop.get().getBytes(ISO_8859_1)));
        key.interestOps(key.interestOps() | SelectionKey.OP_WRITE);
      }
    }

    private void leave() {
      members.decrementAndGet();
      if (!silent) {
        silent = true;
        writing.decrementAndGet();
      }
      closeQuietly(channel);
    }
  }

  /** A further member that first writes this. */
  Member member(byte... first) {
    try {
      SocketChannel channel = SocketChannel.open();
      channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(new InetSocketAddress(InetAddress.getByName(ELSEWHERE), 0));
      channel
          .socket()
          .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), site.port()), 10_000);
      channel.configureBlocking(false);
      return new Member(channel, first);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Member member(String latin1) {
    return member(latin1.getBytes(ISO_8859_1));
  }

  /** The number of members that, as far as they know, are still connected. */
  int size() {
    return members.get();
  }

  /**
   * Waits until all members have written everything, or nothing was accepted for a moment, or the
   * time is over.
   */
  void awaitSaid(Duration max) {
    long end = System.nanoTime() + max.toNanos();
    try {
      while (writing.get() > 0
          && System.nanoTime() < end
          && System.nanoTime() - progress < 300_000_000) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void run() {
    try {
      while (!over) {
        selector.select(100);
        for (Member member = newcomers.poll(); member != null; member = newcomers.poll()) {
          member.enter();
        }
        round();
        Thread.sleep(ROUND_MILLIS);
      }
      for (SelectionKey key : selector.keys()) {
        closeQuietly(key.channel());
      }
      selector.close();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void round() {
    long now = System.nanoTime();
    left = MAX_A_ROUND;
    for (SelectionKey key : selector.keys()) {
      if (key.isValid()) {
        serve(key, now);
      }
    }
    selector.selectedKeys().clear();
  }

  private void serve(SelectionKey key, long now) {
    Member member = (Member) key.attachment();
    try {
      member.drip(key, now);
      if (key.isReadable()) {
        read.clear();
        if (member.channel.read(read) < 0) {
          key.cancel();
          member.leave();
          return;
        }
      }
      // The selector's result stays set even after the interest has been removed.
      if (key.isWritable() && (key.interestOps() & SelectionKey.OP_WRITE) != 0) {
        member.write(key);
      }
    } catch (IOException e) {
      key.cancel();
      member.leave();
    }
  }

  private static void closeQuietly(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      // Treated as closed.
    }
  }

  /** Closes all connections. */
  @Override
  public void close() {
    over = true;
    selector.wakeup();
  }
}
