package cablestream.standalone.server;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Does what a browser does with the bridge, once: listens, subscribes, says something, hears what
 * comes of it, and leaves. It blocks on plain sockets, so that next to nothing of what it costs is
 * its own. One thread.
 */
final class WarmUpBrowser implements Closeable {
  private static final String OVER = "the connection has ended";
  private static final String STREAM = "text/event-stream";
  private static final String JSON = "application/json";

  private static final String SUBSCRIBE =
      "[{\"identifier\":{\"channel\":\"DemonstrationChannel\",\"room\":7},\"subscribe\":true}]";

  private static final String SPEAK =
      "[{\"identifier\":{\"channel\":\"DemonstrationChannel\",\"room\":7},"
          + "\"send\":{\"action\":\"speak\",\"text\":\"hello\"}}]";

  private final InetSocketAddress address;
  private final String path;
  private final int patienceMillis;

  /** What is the same in each request; as long as a browser's with a Rails app's cookies. */
  private final String head;

  /** Where commands go, one after the other, as over a proxy's connection. */
  private Connection commands;

  /**
   * @param origin that may use the bridge; empty for the bridge's own
   * @param mark a header by which it is known
   * @param patienceMillis for each answer
   */
  WarmUpBrowser(
      InetSocketAddress address, String path, String origin, String mark, int patienceMillis) {
    this.address = address;
    this.path = path.equals("/") ? "" : path;
    this.patienceMillis = patienceMillis;
    String host = address.getHostString() + ":" + address.getPort();
    String page = origin.isEmpty() ? "http://" + host : origin;
    head =
        """
        Host: %1$s
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0
        Accept-Language: en-US,en;q=0.9
        Accept-Encoding: gzip, deflate, br
        Origin: %2$s
        Referer: %2$s/rooms/7
        Sec-Fetch-Mode: cors
        Cookie: _session=%3$s; user=41
        %4$s
        X-Forwarded-For: 192.0.2.1
        X-Forwarded-Proto: http
        """
            .formatted(host, page, "demonstration".repeat(20), mark)
            .replace("\n", "\r\n");
  }

  /** By event stream. */
  void listen() throws IOException {
    String id = id();
    try (Connection stream = new Connection()) {
      stream.ask("GET", id, STREAM, "");
      stream.requireSuccess();
      stream.await("joined", 1);
      command("POST", id, SUBSCRIBE);
      stream.await("connected", 1);
      command("POST", id, SPEAK);
      stream.await("received", DemonstrationCable.MESSAGES);
      command("DELETE", id, "");
      stream.await("closed", 1);
    }
  }

  /** By long poll. */
  void poll() throws IOException {
    String id = id();
    command("GET", id, "");
    command("POST", id, SUBSCRIBE);
    command("GET", id, "");
    command("DELETE", id, "");
  }

  private static String id() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  private void command(String method, String id, String body) throws IOException {
    if (commands == null) {
      commands = new Connection();
    }
    commands.ask(method, id, JSON, body);
    commands.skipAnswer();
  }

  @Override
  public void close() throws IOException {
    if (commands != null) {
      commands.close();
    }
  }

  private final class Connection implements Closeable {
    private final Socket socket = new Socket();
    private final BufferedReader answer;

    Connection() throws IOException {
      socket.setSoTimeout(patienceMillis);
      socket.setTcpNoDelay(true);
      socket.connect(address, patienceMillis);
      answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    void ask(String method, String id, String accept, String body) throws IOException {
      String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
      String request =
          method
              + " "
              + path
              + "/"
              + id
              + " HTTP/1.1\r\nAccept: "
              + accept
              + "\r\n"
              + head
              + length;
      socket.getOutputStream().write((request + "\r\n" + body).getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads on until so many events of that type have come. */
    void await(String type, int count) throws IOException {
      String sign = "\"type\":\"" + type + "\"";
      int come = 0;
      while (come < count) {
        if (line().contains(sign)) {
          come++;
        }
      }
    }

    void requireSuccess() throws IOException {
      String status = line();
      if (!status.startsWith("HTTP/1.1 2")) {
        throw new IOException(status);
      }
    }

    void skipAnswer() throws IOException {
      requireSuccess();
      long length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        String name = "content-length:";
        if (line.toLowerCase(Locale.ROOT).startsWith(name)) {
          length = Long.parseLong(line.substring(name.length()).strip());
        }
      }
      while (length > 0) {
        long skipped = answer.skip(length);
        if (skipped == 0) {
          throw new IOException(OVER);
        }
        length -= skipped;
      }
    }

    private String line() throws IOException {
      String line = answer.readLine();
      if (line == null) {
        throw new IOException(OVER);
      }
      return line;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
