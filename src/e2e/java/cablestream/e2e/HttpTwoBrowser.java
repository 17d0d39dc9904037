package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A browser with HTTP/2, which has one connection for all its tabs. */
final class HttpTwoBrowser {
  private static final Duration LOADING = Duration.ofMillis(300);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final HttpClient client;
  private final String origin;
  private final String user = UUID.randomUUID().toString();

  HttpTwoBrowser(Proxy proxy) {
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(proxy.tls())
            .connectTimeout(PATIENCE)
            .build();
    origin = "https://127.0.0.1:" + proxy.port();
  }

  /**
   * Loads a page's resources, for at least as long as a browser takes. Apache allows six concurrent
   * requests on a new connection, and twice as many each time one of them has ended at least a
   * tenth of a second later.
   */
  void load() {
    long start = System.nanoTime();
    while (System.nanoTime() - start < LOADING.toNanos()) {
      answer(request("-/cablestream.js").build(), BodyHandlers.ofString());
    }
  }

  /** Opens a page that listens; returns when the stream's response has arrived. */
  Tab open() {
    String id = UUID.randomUUID().toString();
    HttpRequest request = request(id).header("Accept", "text/event-stream").build();
    Tab tab = new Tab(id, answer(request, BodyHandlers.ofLines()));
    Thread reader = new Thread(tab::read, "tab");
    reader.setDaemon(true);
    reader.start();
    return tab;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(origin + "/cable-events/" + path))
        .timeout(PATIENCE)
        .header("Origin", origin)
        .header("Cookie", "user=" + user);
  }

  private <T> T answer(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      HttpResponse<T> response = client.send(request, handler);
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(response.statusCode()).isEqualTo(200);
      return response.body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A page that listens and sends commands. */
  final class Tab implements AutoCloseable {
    private static final String DATA = "data: ";

    private final String id;
    private final Stream<String> lines;
    private final BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();

    private Tab(String id, Stream<String> lines) {
      this.id = id;
      this.lines = lines;
    }

    String id() {
      return id;
    }

    private void read() {
      try {
        lines
            .filter(line -> line.startsWith(DATA))
            .map(line -> Json.createReader(new StringReader(line.substring(DATA.length()))))
            .forEach(reader -> events.add(reader.readObject()));
      } catch (RuntimeException e) {
        // The tab has been closed.
      }
    }

    /** The next event of a type. */
    JsonObject awaitEvent(String type) {
      try {
        JsonObject event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        while (event != null && !event.getString("type").equals(type)) {
          event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(event).as(type).isNotNull();
        return event;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Sends commands, all of which must succeed. */
    void post(String... commands) {
      BodyPublisher body = BodyPublishers.ofString("[" + String.join(",", commands) + "]");
      String reply = answer(request(id).POST(body).build(), BodyHandlers.ofString());
      assertThat(reply).doesNotContain("\"error\"");
    }

    @Override
    public void close() {
      lines.close();
    }
  }
}
