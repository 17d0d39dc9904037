package cablestream.http.response;

import cablestream.environment.Observer;
import cablestream.memory.Account;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A container's side of one response. It accepts as much as the test allows, and enforces the
 * contract of {@link ServletOutputStream#isReady}: called before each write and each flush, no
 * calls after it returned false, none after the end. Like Jetty it continues to read from an array
 * that it couldn't write yet.
 */
class FakeOutput extends ServletOutputStream {
  /** A piece that was written: its array, position and length. */
  record Piece(byte[] array, int from, int length) {}

  static final Duration STALL = Duration.ofSeconds(10);

  final FakeTimers timers = new FakeTimers();
  Account account = new Account(512 << 20, 128 << 20);
  String method = "GET";

  /** Ends the connection; null if that isn't possible. */
  Runnable cut;

  int status;
  final Map<String, String> headers = new HashMap<>();
  final List<Piece> pieces = new ArrayList<>();
  int flushes;
  int completions;
  WriteListener writeListener;
  AsyncListener asyncListener;

  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private Piece pending;
  private int room = Integer.MAX_VALUE;
  private boolean asked;
  private boolean refused = true;
  private boolean over;
  private IOException failure;

  /** A response that has been taken over, before the container reports that it is writable. */
  NonBlockingResponse start() throws IOException {
    return responses().start(proxy(HttpServletRequest.class), proxy(HttpServletResponse.class));
  }

  /** A request whose response has been taken over likewise. */
  Exchange exchange() throws IOException {
    return new Exchange(
        proxy(HttpServletRequest.class), proxy(HttpServletResponse.class), responses());
  }

  private Responses responses() {
    return new Responses(
        timers,
        Runnable::run,
        STALL,
        account,
        new TcpTable(List.of(), timers, Runnable::run, () -> 0, false),
        request -> cut,
        new Cors(Defaults.http()),
        Observer.NONE);
  }

  /** Accepts this many further pieces, and then isn't ready. */
  FakeOutput takes(int count) {
    room = count;
    return this;
  }

  /** Becomes ready again, and accepts this many further pieces. */
  void becomesReady(int count) throws IOException {
    room = count;
    refused = false;
    land();
    writeListener.onWritePossible();
  }

  void becomesReady() throws IOException {
    becomesReady(Integer.MAX_VALUE);
  }

  /** The next write fails. */
  void breaks() {
    failure = new IOException("Broken pipe");
  }

  /** As a container that has ended the response by itself. */
  void completes() throws IOException {
    over = true;
    asyncListener.onComplete(null);
  }

  String sent() {
    return sent.toString(StandardCharsets.UTF_8);
  }

  @Override
  public boolean isReady() {
    require(!over, "asked after the end");
    require(!refused, "asked again before onWritePossible");
    asked = room > 0;
    refused = !asked;
    if (asked) {
      land();
    }
    return asked;
  }

  @Override
  public void write(byte[] array, int from, int length) throws IOException {
    use();
    require(length > 0 && length <= 8 * 1024, "wrote " + length + " bytes at once");
    pending = new Piece(array, from, length);
    pieces.add(pending);
  }

  @Override
  public void flush() throws IOException {
    use();
    flushes++;
  }

  @Override
  public void write(int b) {
    throw new AssertionError("a byte at a time");
  }

  @Override
  public void setWriteListener(WriteListener listener) {
    writeListener = listener;
  }

  private void use() throws IOException {
    require(!over, "touched after the end");
    require(asked, "touched without asking");
    asked = false;
    room--;
    if (failure != null) {
      throw failure;
    }
  }

  private void land() {
    if (pending != null) {
      sent.write(pending.array, pending.from, pending.length);
      pending = null;
    }
  }

  private void complete() {
    require(completions == 0, "completed twice");
    completions++;
    land();
    over = true;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private <T> T proxy(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            FakeOutput.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
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
                case "getMethod":
                  return this.method;
                case "setStatus":
                  status = (int) arguments[0];
                  return null;
                case "setHeader", "addHeader", "setIntHeader":
                  headers.put((String) arguments[0], String.valueOf(arguments[1]));
                  return null;
                case "setContentType":
                  headers.put("Content-Type", (String) arguments[0]);
                  return null;
                case "getAttribute":
                  return AdapterHarness.asked();
                case "getRemoteAddr":
                  return "192.0.2.1";
                case "getRemotePort", "getLocalPort":
                  return 1;
                case "getHeader",
                "setTimeout",
                "setBufferSize",
                "setAttribute",
                "setContentLength",
                "setContentLengthLong":
                  return null;
                default:
                  throw new UnsupportedOperationException(method.getName());
              }
            }));
  }
}
