package cablestream.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.PrivilegedAction;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.security.auth.Subject;

/**
 * The calls in which the container may start a thread, made so that the thread doesn't remember us.
 *
 * <p>Before Java 24 a thread keeps, for as long as it lives, the protection domains of all code
 * that was on its creator's stack ({@code Thread.inheritedAccessControlContext}), each with its
 * class loader, and passes them on to the threads that it starts. Tomcat starts a worker inside of
 * {@code complete()} and {@code start()}, and of a write or flush that fails, when all others are
 * busy; and a worker that it retires when an application stops starts its own successor. So on a
 * busy server each redeployment could leave one more former bridge in memory, until Tomcat is
 * restarted.
 *
 * <p>What a thread inherits ends at a privileged call, but for the caller and the action
 * themselves; so both have to be the JDK's own: its {@linkplain Executors#privilegedCallable
 * callable} around a method handle. The detour takes some 50 ns and, until it is compiled, an
 * object of 16 bytes.
 *
 * <p>Any thread; the call runs on it, and throws what it throws.
 */
final class ContainerCall {
  /** Whether threads inherit here. */
  static final boolean DETOUR = Runtime.version().feature() < 24;

  /**
   * A spare one for each of so many threads, without a lock: all sessions' writes come by. Where
   * two threads meet, a new one is made.
   */
  private static final AtomicReferenceArray<ContainerCall> SPARE = new AtomicReferenceArray<>(64);

  private final Callable<?> complete = callable(Handles.COMPLETE);
  private final Callable<?> start = callable(Handles.START);
  private final Callable<?> flush = callable(Handles.FLUSH);
  private final Callable<?> write = callable(Handles.WRITE);

  // What is called and with what, during the call; the handles read it.
  private AsyncContext async;
  private Runnable task;
  private ServletOutputStream out;
  private byte[] bytes;
  private int from;
  private int length;

  private ContainerCall() {}

  /** See {@link AsyncContext#complete}. */
  static void complete(AsyncContext async) {
    if (!DETOUR) {
      async.complete();
      return;
    }
    ContainerCall call = take();
    call.async = async;
    call.runWithoutIo(call.complete);
  }

  /** See {@link AsyncContext#start}. */
  static void start(AsyncContext async, Runnable task) {
    if (!DETOUR) {
      async.start(task);
      return;
    }
    ContainerCall call = take();
    call.async = async;
    call.task = task;
    call.runWithoutIo(call.start);
  }

  /** See {@link ServletOutputStream#flush}. */
  static void flush(ServletOutputStream out) throws IOException {
    if (!DETOUR) {
      out.flush();
      return;
    }
    ContainerCall call = take();
    call.out = out;
    call.run(call.flush);
  }

  /** See {@link ServletOutputStream#write(byte[], int, int)}. */
  static void write(ServletOutputStream out, byte[] bytes, int from, int length)
      throws IOException {
    if (!DETOUR) {
      out.write(bytes, from, length);
      return;
    }
    ContainerCall call = take();
    call.out = out;
    call.bytes = bytes;
    call.from = from;
    call.length = length;
    call.run(call.write);
  }

  private static ContainerCall take() {
    ContainerCall spare = SPARE.getAndSet(slot(), null);
    return spare != null ? spare : new ContainerCall();
  }

  private void runWithoutIo(Callable<?> action) {
    try {
      run(action);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void run(Callable<?> action) throws IOException {
    try {
      action.call();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      async = null;
      task = null;
      out = null;
      bytes = null;
      SPARE.set(slot(), this);
    }
  }

  private static int slot() {
    return (int) Thread.currentThread().getId() % SPARE.length();
  }

  /** Deprecated with the security manager; only reached where threads inherit. */
  @SuppressWarnings("removal")
  private Callable<?> callable(MethodHandle handle) {
    Callable<?> plain =
        MethodHandleProxies.asInterfaceInstance(Callable.class, handle.bindTo(this));
    // It remembers who made it, so that has to be the JDK too.
    PrivilegedAction<?> making =
        MethodHandleProxies.asInterfaceInstance(
            PrivilegedAction.class, Handles.PRIVILEGED.bindTo(plain));
    return (Callable<?>) Subject.doAsPrivileged(null, making, null);
  }

  /** Of a ContainerCall each, but for the last. */
  private static final class Handles {
    static final MethodHandle COMPLETE;
    static final MethodHandle START;
    static final MethodHandle FLUSH;
    static final MethodHandle WRITE;
    static final MethodHandle PRIVILEGED;

    static {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      try {
        MethodHandle async = field(lookup, "async", AsyncContext.class);
        MethodHandle out = field(lookup, "out", ServletOutputStream.class);
        COMPLETE = call(lookup, "complete", async);
        START = call(lookup, "start", async, field(lookup, "task", Runnable.class));
        FLUSH = call(lookup, "flush", out);
        WRITE =
            call(
                lookup,
                "write",
                out,
                field(lookup, "bytes", byte[].class),
                field(lookup, "from", int.class),
                field(lookup, "length", int.class));
        PRIVILEGED =
            lookup.findStatic(
                Executors.class,
                "privilegedCallable",
                MethodType.methodType(Callable.class, Callable.class));
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private static MethodHandle field(MethodHandles.Lookup lookup, String name, Class<?> type)
        throws ReflectiveOperationException {
      return lookup.findGetter(ContainerCall.class, name, type);
    }

    /** The method of the first field's object, with the others as its arguments. */
    private static MethodHandle call(
        MethodHandles.Lookup lookup, String name, MethodHandle object, MethodHandle... arguments)
        throws ReflectiveOperationException {
      MethodType type = MethodType.methodType(void.class);
      for (MethodHandle argument : arguments) {
        type = type.appendParameterTypes(argument.type().returnType());
      }
      MethodHandle method = lookup.findVirtual(object.type().returnType(), name, type);
      method = MethodHandles.filterArguments(method, 0, object);
      method = MethodHandles.filterArguments(method, 1, arguments);
      return MethodHandles.permuteArguments(
          method,
          MethodType.methodType(void.class, ContainerCall.class),
          new int[arguments.length + 1]);
    }
  }
}
