package cablestream.http.request;

import static cablestream.stress.Threads.together;

import cablestream.browser.Refusal;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.stress.Interleavings;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** A body that arrives while its time expires, and while others reserve the rest of the account. */
class RequestBodyInterleavings {
  private static final int LIMIT = 5_000;
  private static final long HEAP = 96 << 20;

  static {
    // Its class is created here, not in a scenario: Lincheck takes the maps involved for a
    // livelock.
    proxy((proxy, method, arguments) -> null);
  }

  private static HttpServletRequest proxy(InvocationHandler handler) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            RequestBodyInterleavings.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            handler);
  }

  /** A request whose body arrives in pieces, on one thread; its time expires on the test's call. */
  private static final class Arrival extends ServletInputStream
      implements Timers, RequestBody.Receiver {
    private final Account account;
    private int left;
    private ReadListener listener;
    private Runnable timeout;
    private int received = -1;
    private int told;
    private boolean uncharged;
    private final RequestBodies bodies;

    Arrival(Account account, int size) {
      this(account, size, null);
    }

    /**
     * @param other whose bodies it shares; null for none
     */
    Arrival(Account account, int size, Arrival other) {
      this.account = account;
      this.left = size;
      bodies =
          other == null
              ? new RequestBodies(account, this, Runnable::run, limit -> {})
              : other.bodies;
      try {
        bodies.read(request(), "192.0.2.1", new BodyLimit("max-body", LIMIT), this);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    /** All of it arrives, as from a container, which makes no call after an error. */
    void comes() {
      try {
        listener.onDataAvailable();
        if (left == 0) {
          listener.onAllDataRead();
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    void breaksOff() {
      listener.onError(new IOException("Connection reset"));
    }

    void takesTooLong() {
      timeout.run();
    }

    @Override
    public Timer after(long milliseconds, Runnable task) {
      timeout = task;
      return () -> {};
    }

    @Override
    public synchronized void received(byte[] body, Holder holder) {
      told++;
      received = body.length;
      uncharged = account.used(Kind.BODY) < body.length;
    }

    @Override
    public synchronized void refused(Refusal refusal) {
      told++;
    }

    @Override
    public int read(byte[] bytes, int from, int length) {
      int count = Math.min(left, length);
      left -= count;
      return count;
    }

    @Override
    public int read() {
      throw new AssertionError("a byte at a time");
    }

    @Override
    public boolean isReady() {
      return left > 0;
    }

    @Override
    public boolean isFinished() {
      return left == 0;
    }

    @Override
    public void setReadListener(ReadListener readListener) {
      listener = readListener;
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long lateMillis() {
      return 0;
    }

    private HttpServletRequest request() {
      return proxy(
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "getContentLengthLong" -> -1L;
                case "getInputStream" -> this;
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> 1;
                default -> null;
              });
    }
  }

  @Test
  void aBodyThatIsCompleteWhenItsTimeIsUpIsToldOnceAndLeavesNothing() {
    Interleavings.noneFails(
        () -> {
          Account account = new Account(HEAP, 0);
          Arrival arrival = new Arrival(account, LIMIT);
          together(arrival::comes, arrival::takesTooLong);
          require(arrival.told == 1, "not told once");
          require(arrival.received == LIMIT || arrival.received == -1, "a part of it");
          require(!arrival.uncharged, "not charged while it is read");
          require(account.used() == 0, "something is left");
        });
  }

  @Test
  void aBodyThatIsTooLargeOrBreaksOffWhenItsTimeIsUpIsToldOnceAndLeavesNothing() {
    Interleavings.noneFails(
        () -> {
          Account account = new Account(HEAP, 0);
          Arrival large = new Arrival(account, LIMIT + 1);
          Arrival broken = new Arrival(account, LIMIT);
          together(large::comes, large::takesTooLong, broken::breaksOff, broken::takesTooLong);
          require(large.told == 1 && broken.told == 1, "not told once");
          require(large.received == -1 && broken.received == -1, "taken for a body");
          require(account.used() == 0, "something is left");
        });
  }

  @Test
  void bodiesThatGrowWhileAnotherTakesTheRestAreTakenOrRefusedWhole() {
    Interleavings.noneFails(
        () -> {
          Account account = new Account(HEAP, 0);
          Arrival arrival = new Arrival(account, LIMIT);
          long rest = account.limit(Kind.BODY) - account.used(Kind.BODY);
          Holder other = account.holder();
          together(arrival::comes, () -> other.force(Kind.BODY, rest));
          require(arrival.told == 1, "not told once");
          require(account.used(Kind.BODY) == rest, "something is left");
        });
  }

  @Test
  void aBodyThatIsCompleteWhenItHasToGiveWayIsToldOnceAndLeavesNothing() {
    Interleavings.noneFails(
        () -> {
          Account account = new Account(HEAP, 0);
          long others = account.limit(Kind.BODY) - 4_000;
          account.force(Kind.BODY, others);
          Arrival oldest = new Arrival(account, 1_000);
          Arrival[] newest = new Arrival[1];
          together(oldest::comes, () -> newest[0] = new Arrival(account, 1_000, oldest));
          require(oldest.told == 1, "not told once");
          require(oldest.received == 1_000 || oldest.received == -1, "a part of it");
          require(!oldest.uncharged, "not charged while it is read");
          if (newest[0].told == 0) {
            newest[0].comes();
          }
          require(newest[0].told == 1, "the newest is not told once");
          require(account.used(Kind.BODY) == others, "something is left");
        });
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
