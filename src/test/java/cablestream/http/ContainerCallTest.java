package cablestream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ContainerCallTest {
  private final List<String> calls = new ArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);

  /** What the container does in each of its methods. */
  private Body body = () -> {};

  @Test
  void theContainerIsCalledOnTheCallersThreadWithTheCallersArguments() throws IOException {
    ContainerCall.write(out(), new byte[] {1, 2, 3}, 1, 2);
    ContainerCall.flush(out());
    ContainerCall.complete(async());
    ContainerCall.start(async(), () -> calls.add("task"));

    String thread = Thread.currentThread().getName();
    assertThat(calls)
        .containsExactly(
            thread + " write 3 1 2",
            thread + " flush",
            thread + " complete",
            thread + " start",
            "task");
  }

  @Test
  void theCallerHearsWhatTheContainerThrows() {
    IOException broken = new IOException("broken pipe");
    body = () -> throwing(broken);
    assertThatThrownBy(() -> ContainerCall.write(out(), new byte[1], 0, 1)).isSameAs(broken);
    assertThatThrownBy(() -> ContainerCall.flush(out())).isSameAs(broken);

    IllegalStateException tooLate = new IllegalStateException("too late");
    body = () -> throwing(tooLate);
    assertThatThrownBy(() -> ContainerCall.complete(async())).isSameAs(tooLate);
    assertThatThrownBy(() -> ContainerCall.flush(out())).isSameAs(tooLate);
  }

  @Test
  void aCallMayLeadToAnother() throws IOException {
    body =
        () -> {
          body = () -> {};
          ContainerCall.flush(out());
        };

    ContainerCall.flush(out());

    assertThat(calls).hasSize(2);
  }

  @Test
  void aThreadThatTheContainerStartsMeanwhileDoesNotKeepTheApplicationsClassLoader()
      throws Exception {
    List<Thread> workers = new ArrayList<>();
    body = () -> workers.add(worker());
    try {
      WeakReference<ClassLoader> application = callFromAnApplication();

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(application.get()).isNull();
              });
      assertThat(workers).hasSize(4).allMatch(Thread::isAlive);
    } finally {
      end.countDown();
    }
  }

  /** All calls, by code with a class loader of its own, of which nobody keeps anything. */
  private WeakReference<ClassLoader> callFromAnApplication() throws Exception {
    URL classes = ContainerCall.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader application = new ApplicationClassLoader(classes)) {
      Class<?> type = application.loadClass(ContainerCall.class.getName());
      assertThat(type.getClassLoader()).isSameAs(application);
      call(type, "complete", List.of(AsyncContext.class), async());
      Runnable task = () -> {};
      call(type, "start", List.of(AsyncContext.class, Runnable.class), async(), task);
      call(type, "flush", List.of(ServletOutputStream.class), out());
      call(
          type,
          "write",
          List.of(ServletOutputStream.class, byte[].class, int.class, int.class),
          out(),
          new byte[1],
          0,
          1);
      return new WeakReference<>(application);
    }
  }

  private static void call(Class<?> type, String name, List<Class<?>> types, Object... arguments)
      throws Exception {
    Method method = type.getDeclaredMethod(name, types.toArray(Class<?>[]::new));
    method.setAccessible(true);
    method.invoke(null, arguments);
  }

  private Thread worker() {
    Thread thread = new Thread(this::awaitEnd, "container-worker");
    thread.setContextClassLoader(null); // as containers do, in their way
    thread.start();
    return thread;
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void called(String call) throws IOException {
    calls.add(Thread.currentThread().getName() + " " + call);
    body.run();
  }

  private static void throwing(Exception failure) throws IOException {
    if (failure instanceof IOException exception) {
      throw exception;
    }
    throw (RuntimeException) failure;
  }

  /** Has {@code complete} and {@code start}, which runs its task at once, and nothing else. */
  private AsyncContext async() {
    return (AsyncContext)
        Proxy.newProxyInstance(
            AsyncContext.class.getClassLoader(),
            new Class<?>[] {AsyncContext.class},
            (proxy, method, arguments) -> {
              called(method.getName());
              if (method.getName().equals("start")) {
                ((Runnable) arguments[0]).run();
              }
              return null;
            });
  }

  private ServletOutputStream out() {
    return new ServletOutputStream() {
      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void setWriteListener(WriteListener listener) {
        throw new AssertionError();
      }

      @Override
      public void write(int single) {
        throw new AssertionError();
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        called("write " + bytes.length + " " + from + " " + length);
      }

      @Override
      public void flush() throws IOException {
        called("flush");
      }
    };
  }

  private interface Body {
    void run() throws IOException;
  }

  /** Has the bridge's classes itself, as a container's has. */
  private static final class ApplicationClassLoader extends URLClassLoader {
    ApplicationClassLoader(URL classes) {
      super(new URL[] {classes}, ContainerCallTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        return name.startsWith("cablestream.") ? findClass(name) : super.loadClass(name, resolve);
      }
    }
  }
}
