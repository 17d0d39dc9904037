package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.subscribe;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** protocol.md, section 2: the responses at each limit. */
@InTomcatAndJetty
class LimitsIT {
  private static final String PATH = "/one-dial-too-many";

  private final Container container;

  LimitsIT(Container container) {
    this.container = container;
  }

  @Test
  void oneSessionTooManyIsAnswered503AndWhenToComeAgain() {
    try (Bridge small = Stage.bridgeWithSettings(container).setting("max-sessions", "1").start();
        EventStream only = small.visitor().listen()) {
      only.next("joined");

      RawResponse answer = small.visitor().refused();

      OpeningIT.assertError(answer, 503);
      assertThat(answer.header("retry-after"))
          .hasValueSatisfying(seconds -> assertThat(Integer.parseInt(seconds)).isPositive());
    }
  }

  @Test
  void oneDialTooManyIsAnswered503() throws IOException {
    // The kernel accepts the connection, and the upgrade gets no response.
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Bridge small =
            Bridge.in(container)
                .setting("cable.url", "ws://127.0.0.1:" + silent.getLocalPort() + PATH)
                .setting("cable.max-dials", "1")
                .setting("cable.max-waiting", "0")
                .start()) {
      CompletableFuture<RawResponse> first =
          CompletableFuture.supplyAsync(() -> small.visitor().poll(""));

      Socket dial = dial(silent);
      RawResponse answer = small.visitor().poll("");
      dial.close();

      OpeningIT.assertError(answer, 503);
      assertThat(answer.header("retry-after")).isPresent();
      OpeningIT.assertError(first.join(), 502);
    }
  }

  /**
   * Accepts the bridge's dial; another test's bridge may try to reach a server that had this port
   * before.
   */
  private static Socket dial(ServerSocket silent) throws IOException {
    while (true) {
      Socket socket = silent.accept();
      BufferedReader request =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      String line = request.readLine();
      if (line != null && line.startsWith("GET " + PATH + " ")) {
        return socket;
      }
      socket.close();
    }
  }

  @Test
  void moreHeadersThanMayBeForwardedAreAnswered431BeforeAnythingIsDialled() {
    try (Bridge small =
        Stage.bridgeWithSettings(container).setting("cable.max-forwarded", "1KiB").start()) {
      Visitor visitor = small.visitor().with("Authorization", "Bearer " + "x".repeat(2_000));

      OpeningIT.assertError(visitor.refused(), 431);

      assertThat(Stage.rails().connections(visitor.user())).isEmpty();
    }
  }

  @Test
  void oneSubscriptionTooManyIsAnErrorOfItsCommandAlone() {
    try (Bridge small =
        Stage.bridgeWithSettings(container).setting("max-subscriptions", "1").start()) {
      Visitor visitor = small.visitor();
      try (EventStream stream = visitor.listenTo(ECHO)) {
        RawResponse answer = visitor.post(subscribe(Commands.RAW), Commands.echo(ECHO, "x"));

        assertThat(answer.jsonArray().getJsonObject(0).getString("error")).contains("1");
        assertThat(answer.jsonArray().getJsonObject(1).containsKey("error")).isFalse();
        stream.next("received");
      }
    }
  }

  @Test
  void aBadSettingStopsTheDeploymentAndNamesItself() {
    String log = Stage.bridgeWithSettings(container).setting("linger", "soon").failToStart();

    assertThat(log).contains("linger").contains("soon");
  }

  @Test
  void anUnknownSettingStopsTheDeploymentAndNamesItself() {
    String log = Stage.bridgeWithSettings(container).setting("lingre", "3s").failToStart();

    assertThat(log).contains("cablestream.lingre");
  }
}
