package cablestream.support.webapp;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One request, written as it is, on a connection of its own, and its answer.
 *
 * @param headers lower-case names with their values in order
 * @param body as it came; chunks are put together
 */
public record Answer(int status, Map<String, List<String>> headers, String body) {
  /**
   * Sends a request to the web application.
   *
   * @param line method and path below the application's, like {@code GET /x?y}
   * @param headers lines like {@code Accept: text/plain}; Host and Connection needn't be among them
   */
  public static Answer to(WebApplication application, String line, String... headers) {
    return withBody(application, line, "", headers);
  }

  /** The same with a body. */
  public static Answer withBody(
      WebApplication application, String line, String body, String... headers) {
    String[] parts = line.split(" ", 2);
    StringBuilder request = new StringBuilder();
    request.append(parts[0] + " " + WebApplication.BASE + parts[1] + " HTTP/1.1\r\n");
    if (List.of(headers).stream().noneMatch(header -> header.startsWith("Host:"))) {
      request.append("Host: 127.0.0.1:" + application.port() + "\r\n");
    }
    List.of(headers).forEach(header -> request.append(header + "\r\n"));
    if (!body.isEmpty()) {
      request.append("Content-Length: " + body.length() + "\r\n");
    }
    request.append("Connection: close\r\n\r\n").append(body);
    try (Socket socket = new Socket("127.0.0.1", application.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
      byte[] answer = socket.getInputStream().readAllBytes();
      return parse(new String(answer, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  /** The only value of a header, or null. */
  public String header(String name) {
    List<String> values = headers.getOrDefault(name.toLowerCase(), List.of());
    if (values.size() > 1) {
      throw new AssertionError(name + " was sent more than once: " + values);
    }
    return values.isEmpty() ? null : values.get(0);
  }

  private static Answer parse(String answer) {
    int end = answer.indexOf("\r\n\r\n");
    String[] lines = answer.substring(0, end).split("\r\n");
    Map<String, List<String>> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      String[] header = lines[i].split(": ?", 2);
      headers.computeIfAbsent(header[0].toLowerCase(), name -> new ArrayList<>()).add(header[1]);
    }
    String body = answer.substring(end + 4);
    boolean chunked = headers.containsKey("transfer-encoding");
    return new Answer(
        Integer.parseInt(lines[0].split(" ")[1]), headers, chunked ? unchunk(body) : body);
  }

  private static String unchunk(String body) {
    StringBuilder whole = new StringBuilder();
    for (int at = 0; ; ) {
      int lineEnd = body.indexOf("\r\n", at);
      int size = Integer.parseInt(body.substring(at, lineEnd), 16);
      if (size == 0) {
        return whole.toString();
      }
      whole.append(body, lineEnd + 2, lineEnd + 2 + size);
      at = lineEnd + 2 + size + 2;
    }
  }
}
