package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.CableServerConnection;
import cablestream.support.InProcessActionCable;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a running process of {@code java -jar} doesn't need: files and, for a while, descriptors.
 */
class NothingToLoseIT {
  private static final String IDENTIFIER = "{\"channel\":\"ChatChannel\"}";
  private static final String TOKEN = "a-token-that-nobody-guesses";

  private final InProcessActionCable rails = InProcessActionCable.start();
  private StandaloneBridge bridge;
  private Listening listening;

  @BeforeEach
  void start() {
    bridge =
        StandaloneBridge.start(
            Map.of("cable.url", rails.url().toString(), "http.port", "0", "operator.token", TOKEN));
    listening = bridge.awaitListening();
  }

  @AfterEach
  void stop() {
    bridge.close();
    rails.close();
  }

  /** Debian removes files from /tmp after ten days. */
  @Test
  void aProcessThatRunsHasNoFilesThatCouldGo() throws IOException {
    assertThat(bridge.temporaryFiles()).isEmpty();

    everythingWorks();

    bridge.process().terminate();
    assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
    assertThat(bridge.process().log()).contains("event=stopped");
  }

  @Test
  void withoutDescriptorsItSaysSoAndOnceTheyAreBackEverythingWorks() throws Exception {
    try (Socket kept = connect();
        BufferedReader answers = reader(kept)) {
      assertThat(ask(kept, answers, "GET", "/-/ready")).startsWith("HTTP/1.1 200");
      limitDescriptors("10");
      try (Socket waiting = connect()) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(ask(kept, answers, "GET", "/-/ready"))
                        .startsWith("HTTP/1.1 503")
                        .contains("no_descriptors"));
        assertThat(ask(kept, answers, "GET", "/-/health")).startsWith("HTTP/1.1 200");
        assertThat(ask(kept, answers, "GET", "/-/cablestream.js")).startsWith("HTTP/1.1 200");
        assertThat(ask(kept, answers, "GET", "/short")).startsWith("HTTP/1.1 400");
        assertThat(ask(kept, answers, "GET", "/" + UUID.randomUUID())).startsWith("HTTP/1.1 502");
        assertThat(ask(kept, answers, "POST", "/" + UUID.randomUUID())).startsWith("HTTP/1.1 204");
        assertThat(ask(kept, answers, "GET", "/-/metrics")).startsWith("HTTP/1.1 200");

        limitDescriptors("4096");

        assertThat(ask(waiting, reader(waiting), "GET", "/-/health")).startsWith("HTTP/1.1 200");
      }
    }
    await().atMost(PATIENCE).until(() -> get("/-/ready").status() == 200);
    assertThat(bridge.process().log()).contains("event=accept_failed failures=1 error=");
    assertThat(get("/-/metrics").text()).containsPattern("accept_failures_total [1-9]");
    everythingWorks();
  }

  private void everythingWorks() throws IOException {
    for (String page : new String[] {"/", "/-/cablestream.js", "/-/diagnosis", "/-/status"}) {
      assertThat(get(page).status()).as(page).isEqualTo(200);
    }
    assertThat(get("/short").status()).isEqualTo(400);
    assertThat(get("/-/nothing").status()).isEqualTo(404);
    assertThat(get("/-/metrics").text())
        .contains("cablestream_sessions 0.0", "jvm_memory_used_bytes", "process_open_fds");
    assertThat(get("/-/status.json").status()).isEqualTo(200);
    String id = "/" + UUID.randomUUID();
    try (EventStream stream =
        listening.request("GET", id).header("Accept", "text/event-stream").listen()) {
      stream.skipTo("joined");
      listening
          .request("POST", id)
          .body("[{\"identifier\":" + IDENTIFIER + ",\"subscribe\":true}]")
          .send();
      stream.skipTo("connected");
      CableServerConnection cable = rails.awaitConnection();
      cable.broadcast(IDENTIFIER, "[1, 2.50]");
      assertThat(stream.next("received").data()).contains("\"message\":[1, 2.50]");
    }
    assertThat(request("POST", "/-/drain").send().status()).isEqualTo(200);
    assertThat(get("/-/ready").status()).isEqualTo(503);
  }

  private RawResponse get(String target) {
    return request("GET", target).send();
  }

  private RawRequest request(String method, String target) {
    return listening.request(method, target).header("Authorization", "Bearer " + TOKEN);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), listening.port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return socket;
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  /**
   * Sends one of several requests on a connection; returns the response's beginning, or all of it
   * if it has a length.
   */
  private String ask(Socket socket, BufferedReader answers, String method, String target)
      throws IOException {
    String head =
        "%s %s%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(method, listening.path(), target, TOKEN);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    StringBuilder answer = new StringBuilder();
    int length = 0;
    boolean chunked = false;
    for (String line = answers.readLine(); !line.isEmpty(); line = answers.readLine()) {
      answer.append(line).append('\n');
      if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
      chunked |= line.equalsIgnoreCase("Transfer-Encoding: chunked");
    }
    if (chunked) {
      for (String line = answers.readLine(); !line.equals("0"); line = answers.readLine()) {
        answer.append(line).append('\n');
      }
      answers.readLine();
    }
    char[] body = new char[length];
    for (int read = 0; read < length; ) {
      read += answers.read(body, read, length - read);
    }
    return answer.append(body).toString();
  }

  private void limitDescriptors(String soft) throws Exception {
    String pid = String.valueOf(bridge.process().pid());
    assertThat(
            new ProcessBuilder("prlimit", "--pid", pid, "--nofile=" + soft + ":")
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }
}
