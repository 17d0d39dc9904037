package cablestream.support;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Records a servlet's response. */
public final class FakeResponse {
  private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status = 200;

  /** The values of a header, in order. */
  public List<String> headers(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /** All headers. */
  public Map<String, List<String>> headers() {
    return headers;
  }

  /** The only value of a header, or null. */
  public String header(String name) {
    List<String> values = headers(name);
    if (values.size() > 1) {
      throw new AssertionError(name + " was sent " + values.size() + " times: " + values);
    }
    return values.isEmpty() ? null : values.get(0);
  }

  public int status() {
    return status;
  }

  public String body() {
    return body.toString(StandardCharsets.UTF_8);
  }

  /** The response that a servlet receives. */
  public HttpServletResponse build() {
    return (HttpServletResponse)
        Proxy.newProxyInstance(
            FakeResponse.class.getClassLoader(),
            new Class<?>[] {HttpServletResponse.class},
            (proxy, method, arguments) -> call(method.getName(), arguments));
  }

  private Object call(String method, Object[] arguments) {
    switch (method) {
      case "setStatus" -> status = (int) arguments[0];
      case "setHeader", "setIntHeader" -> set((String) arguments[0], arguments[1]);
      case "setContentType" -> set("Content-Type", arguments[0]);
      case "setContentLength", "setContentLengthLong" -> set("Content-Length", arguments[0]);
      case "addHeader" ->
          headers
              .computeIfAbsent((String) arguments[0], ignored -> new ArrayList<>())
              .add((String) arguments[1]);
      case "getOutputStream" -> {
        return new Body();
      }
      default -> throw new UnsupportedOperationException(method);
    }
    return null;
  }

  private void set(String name, Object value) {
    headers.put(name, new ArrayList<>(List.of(String.valueOf(value))));
  }

  private final class Body extends ServletOutputStream {
    @Override
    public void write(int b) {
      body.write(b);
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      throw new UnsupportedOperationException();
    }
  }
}
