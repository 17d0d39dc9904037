package cablestream.http.response;

import static cablestream.stress.Threads.together;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Listener;
import cablestream.memory.Account;
import cablestream.stress.Interleavings;
import cablestream.support.FakeTimers;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A session that writes and finishes, while the container makes callbacks and ends the response.
 */
class NonBlockingResponseInterleavings {
  /**
   * A container's side of one response, as {@link FakeOutput}, that several threads may call, and
   * that enforces the contract: one thread at a time, isReady before each use, no use after it
   * returned false or after the end. Violations are recorded, because the caller catches
   * exceptions.
   */
  private static final class Container extends ServletOutputStream {
    String wrong;
    WriteListener writeListener;
    AsyncListener asyncListener;
    private boolean inside;
    private boolean over;
    private boolean refused = true;
    private int room;
    private int completions;

    Container(int room) {
      this.room = room;
    }

    NonBlockingResponse start() {
      try {
        return new Responses(
                new FakeTimers(),
                Runnable::run,
                Duration.ofSeconds(10),
                Account.ofHeap(),
                null,
                null,
                null,
                null)
            .start(proxy(HttpServletRequest.class), proxy(HttpServletResponse.class));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    /** From now on it accepts everything. */
    void becomesReady() {
      room = Integer.MAX_VALUE;
      refused = false;
      try {
        writeListener.onWritePossible();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    /** Ends the response by itself; after the callback, another request may reuse it. */
    void ends() {
      try {
        asyncListener.onError(null);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      over = true;
    }

    /** Ends it without a callback, as no container does. */
    void endsWithoutAWord() {
      over = true;
    }

    /** The connection breaks; the response remains the bridge's to complete. */
    void breaks() {
      writeListener.onError(new IOException("Broken pipe"));
    }

    @Override
    public boolean isReady() {
      enter();
      keep(refused, "asked again after it said no");
      refused = room == 0;
      inside = false;
      return !refused;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      enter();
      keep(refused, "written to after it said no");
      room--;
      inside = false;
    }

    @Override
    public void flush() {
      enter();
      keep(refused, "flushed after it said no");
      inside = false;
    }

    @Override
    public void write(int b) {
      keep(true, "a byte at a time");
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      writeListener = listener;
    }

    private void complete() {
      enter();
      over = true;
      completions++;
      inside = false;
    }

    private void enter() {
      keep(over, "touched after the end");
      keep(inside, "touched by two at once");
      inside = true;
    }

    private void keep(boolean isWrong, String what) {
      if (isWrong && wrong == null) {
        wrong = what;
      }
    }

    private <T> T proxy(Class<T> type) {
      return type.cast(
          Proxy.newProxyInstance(
              Container.class.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                switch (method.getName()) {
                  case "getMethod":
                    return "GET";
                  case "startAsync":
                    return proxy(AsyncContext.class);
                  case "getOutputStream":
                    return this;
                  case "addListener":
                    asyncListener = (AsyncListener) arguments[0];
                    return null;
                  case "complete":
                    complete();
                    return null;
                  case "equals":
                    return proxy == arguments[0];
                  case "hashCode":
                    return type.hashCode();
                  default:
                    return null;
                }
              }));
    }
  }

  /**
   * A session's stream: writes while it is ready, and relies on the callback when it is ready
   * again.
   */
  private static final class Writer implements Listener.Attachment {
    private final NonBlockingResponse response;
    private boolean waits;
    int gone;
    boolean uncalled;

    Writer(NonBlockingResponse response) {
      this.response = response;
      response.attach(this);
    }

    /** Like all below, one at a time, as in its mailbox. */
    synchronized void write() {
      if (!waits && gone == 0) {
        waits = !response.isReady();
        if (!waits) {
          response.write(EVENT, 0, EVENT.length);
          response.flush();
        }
      }
    }

    synchronized void finish() {
      response.finish();
    }

    @Override
    public synchronized void writable() {
      uncalled |= !waits;
      waits = false;
      write();
    }

    @Override
    public synchronized void gone() {
      gone++;
    }

    /** Whether it would wait for ever. */
    boolean isForgotten() {
      return waits && gone == 0;
    }
  }

  private static final byte[] EVENT = {1, 2, 3};

  @Test
  void whoeverIsToldToWaitIsToldOnceWhenItMayGoOn() {
    Interleavings.noneFails(
        () -> {
          Container container = new Container(0);
          Writer writer = new Writer(container.start());
          together(writer::write, container::becomesReady, writer::write);
          check(container, writer);
          require(!writer.isForgotten(), "it waits for ever");
          writer.finish();
          require(container.completions == 1, "not completed once");
          require(writer.gone == 0, "gone, though it finished");
        });
  }

  @Test
  void aContainerThatHasEndedTheResponseIsNeverTouchedAgain() {
    Interleavings.noneFails(
        () -> {
          Container container = new Container(0);
          Writer writer = new Writer(container.start());
          together(writer::write, container::becomesReady, container::ends);
          writer.write();
          check(container, writer);
          require(writer.gone == 1, "not told once that it is gone");
          require(container.completions == 0, "completed what had ended");
        });
  }

  @Test
  void aResponseThatFinishesWhileItEndsIsCompletedOnceAtMost() {
    Interleavings.noneFails(
        () -> {
          Container container = new Container(2);
          Writer writer = new Writer(container.start());
          container.becomesReady();
          writer.write();
          together(writer::finish, container::breaks);
          check(container, writer);
          require(container.completions == 1, "not completed once");
        });
  }

  @Test
  void aContainerThatGivesTheResponseAwayBeforeItSaysSoIsCaught() {
    assertThat(
            Interleavings.oneFails(
                () -> {
                  Container container = new Container(0);
                  Writer writer = new Writer(container.start());
                  together(writer::write, container::becomesReady, container::endsWithoutAWord);
                  check(container, writer);
                }))
        .contains("touched after the end");
  }

  private static void check(Container container, Writer writer) {
    require(container.wrong == null, container.wrong);
    require(!writer.uncalled, "told that it may go on, though it doesn't wait");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
