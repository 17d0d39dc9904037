package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The output of {@code --check} for unusable stores; StoresIT has the usable ones. */
class StoreCheckTest {
  @Test
  void aStoreThatDoesNotListenRefusesTheConnection() {
    assertThat(failure("redis://127.0.0.1:" + FreePort.find())).isEqualTo("connection refused");
  }

  @Test
  void aNameThatNobodyHasIsUnknown() {
    assertThat(failure("redis://store.invalid")).isEqualTo("unknown host");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-NOAUTH Authentication required.| it refuses the user and password of cluster.store",
        "-WRONGPASS invalid pair: secret| it refuses the user and password of cluster.store",
        "-NOPERM no permissions| it refuses the user and password of cluster.store",
        "-ERR syntax error| it refuses a command: it must be Valkey or Redis, version 7 or later",
        "HTTP/1.1 400 Bad Request| it doesn't answer as Valkey and Redis do",
      })
  void whatAStoreAnswersIsSaidInOurOwnWords(String answer, String words) throws IOException {
    try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> answerEverything(listening, answer));
      server.setDaemon(true);
      server.start();

      assertThat(failure("redis://127.0.0.1:" + listening.getLocalPort())).isEqualTo(words);
    }
  }

  @Test
  void aStoreThatClosesTheConnectionLosesIt() throws IOException {
    try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> answerEverything(listening, ""));
      server.setDaemon(true);
      server.start();

      String url = "rediss://127.0.0.1:" + listening.getLocalPort();
      assertThat(failure(url)).isIn("no trusted TLS connection", "connection lost");
    }
  }

  /** One response for each read; an empty one closes the connection. */
  private static void answerEverything(ServerSocket listening, String answer) {
    while (!listening.isClosed()) {
      try (Socket client = listening.accept()) {
        byte[] line = (answer + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] asked = new byte[8192];
        while (!answer.isEmpty() && client.getInputStream().read(asked) > 0) {
          client.getOutputStream().write(line);
        }
      } catch (IOException e) {
        // The client has disconnected, or the test has ended.
      }
    }
  }

  private static String failure(String url) {
    return StoreCheck.failure(new ClusterSettings(URI.create(url), "s".repeat(32), null));
  }
}
