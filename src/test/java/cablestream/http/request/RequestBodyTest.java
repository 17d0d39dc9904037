package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.browser.Refusal;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.support.FakeTimers;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private static final int LIMIT = 100_000;

  private final FakeTimers timers = new FakeTimers();
  private final Account account = new Account(96 << 20, 0);
  private final RequestBodies bodies = new RequestBodies(account, timers, Runnable::run);
  private final Refused refused = new Refused();
  private final Unfinished unfinished = new Unfinished(LIMIT / 2);

  @Test
  void whatHasArrivedIsForgottenWhenItsTimeIsUp() throws IOException {
    assertForgotten(body -> timers.advance(RequestBody.TIMEOUT), 408);
  }

  @Test
  void whatHasArrivedIsForgottenWhenItGivesWay() throws IOException {
    assertForgotten(RequestBody::giveWay, 503);
  }

  @Test
  void whatHasArrivedIsForgottenWhenItBreaksOff() throws IOException {
    assertForgotten(body -> body.onError(new IOException("Connection reset")), 400);
  }

  @Test
  void aBodyThatHasArrivedWholeIsNotTimed() {
    body().begin(true);
    timers.advance(RequestBody.TIMEOUT);

    assertThat(refused.status).isZero();
  }

  /** While it grows both of its buffers count against its network, but neither of them twice. */
  @Test
  void aBodyThatGrowsEvictsThatOfANetworkThatHoldsMore() throws IOException {
    Refused larger = new Refused();
    RequestBody of64 = body("198.51.100.7", new Unfinished(40_000), larger);
    of64.begin(false);
    of64.onDataAvailable();
    Unfinished slow = new Unfinished(16_000);
    RequestBody of16 = body("192.0.2.1", slow, refused);
    of16.begin(false);
    of16.onDataAvailable();

    long limit = account.limit(Kind.BODY);
    account.force(Kind.BODY, limit - limit / 4 - account.used(Kind.BODY) - 20_000);
    slow.left = 1_000;
    of16.onDataAvailable();

    assertThat(refused.status).isZero();
    assertThat(larger.status).isEqualTo(503);
  }

  private RequestBody body() {
    return body("192.0.2.1", unfinished, refused);
  }

  private RequestBody body(String network, Unfinished in, Refused receiver) {
    return new RequestBody(in, network, new BodyLimit("max-body", LIMIT), bodies, receiver);
  }

  /** While a container keeps a connection, it keeps the listener of its last request. */
  private void assertForgotten(Consumer<RequestBody> ends, int status) throws IOException {
    RequestBody body = body();
    body.begin(false);
    body.onDataAvailable();
    ends.accept(body);

    assertThat(refused.status).isEqualTo(status);
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(unfinished.last.get()).isNull();
            });
    Reference.reachabilityFence(body);
  }

  private static final class Refused implements RequestBody.Receiver {
    private int status;

    @Override
    public void received(byte[] body, Holder holder) {
      throw new AssertionError("it never ends");
    }

    @Override
    public void refused(Refusal refusal) {
      status = refusal.status();
    }
  }

  /** A part of a body whose buffer grows a few times; the rest doesn't arrive. */
  private static final class Unfinished extends ServletInputStream {
    private int left;
    private WeakReference<byte[]> last;

    Unfinished(int left) {
      this.left = left;
    }

    @Override
    public int read(byte[] bytes, int from, int length) {
      last = new WeakReference<>(bytes);
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
      return false;
    }

    @Override
    public void setReadListener(ReadListener readListener) {}
  }
}
