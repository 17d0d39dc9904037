package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.RAW;
import static cablestream.support.wire.Commands.echo;
import static cablestream.support.wire.Commands.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of the server or of the bridge, and what remains afterwards. */
class EndingIT {
  private static final Duration TIME_TO_COLLECT = Duration.ofSeconds(30);

  /**
   * Jetty may keep one deployment in memory; of three, a bridge that leaks leaves more than that.
   */
  private static final int DEPLOYMENTS = Boolean.getBoolean("thorough") ? 10 : 3;

  /**
   * More than there are workers, so that the container starts further ones while the bridge stops.
   */
  private static final int MANY = 60;

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void aRestartOfTheServerIsAnnouncedAndThenEachSubscriptionIsThereAgain(Container container) {
    try (RailsServer rails = RailsServer.start();
        Bridge bridge = Bridge.in(container).setting("cable.url", rails.cableUrl()).start()) {
      Visitor visitor = bridge.visitor();
      try (EventStream stream = visitor.listenTo(ECHO)) {
        visitor.post(subscribe(RAW));
        stream.next("connected");

        rails.restart();

        for (int i = 0; i < 2; i++) {
          JsonObject message = stream.next("disconnected").json().getJsonObject("message");
          assertThat(message.getString("reason")).isEqualTo("server_restart");
          assertThat(message.getBoolean("reconnect")).isTrue();
        }
        for (int i = 0; i < 2; i++) {
          assertThat(stream.next("connected").json().getBoolean("reconnected")).isTrue();
        }
        visitor.post(echo(ECHO, "after"));
        assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
            .isEqualTo("after");
        Awaitility.await()
            .atMost(Duration.ofSeconds(5))
            .untilAsserted(() -> assertThat(rails.connections(visitor.user())).hasSize(1));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void aServerThatIsGoneWithoutAWordIsDialledUntilItIsBack(Container container) {
    RailsServer rails = RailsServer.start();
    try (Bridge bridge = Bridge.in(container).setting("cable.url", rails.cableUrl()).start()) {
      Visitor visitor = bridge.visitor();
      try (EventStream stream = visitor.listenTo(ECHO)) {
        rails.close();

        JsonObject message = stream.next("disconnected").json().getJsonObject("message");
        assertThat(message.getBoolean("reconnect")).isTrue();
        JsonObject lost = visitor.post(echo(ECHO, "lost")).jsonArray().getJsonObject(0);
        assertThat(lost.getString("error")).isNotBlank();
        OpeningIT.assertError(bridge.visitor().refused(), 502);

        try (RailsServer again = RailsServer.start(rails.port(), Map.of())) {
          assertThat(stream.next("connected").json().getBoolean("reconnected")).isTrue();
          assertThat(again.connections(visitor.user())).hasSize(1);
          visitor.post(echo(ECHO, "back"));
          stream.next("received");
        }
      }
    } finally {
      rails.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void takingTheApplicationOutEndsStreamsPollsAndConnectionsAndLeavesNothing(Container container) {
    try (Bridge bridge = Stage.bridgeWithSettings(container).start()) {
      for (int i = 0; i < DEPLOYMENTS; i++) {
        Visitor listening = bridge.visitor();
        Visitor polling = bridge.visitor();
        try (EventStream stream = listening.listenTo(ECHO)) {
          polling.poll("");
          CompletableFuture<RawResponse> poll =
              CompletableFuture.supplyAsync(() -> polling.poll("timeout=60"));

          bridge.undeploy();

          stream.awaitEnding();
          Awaitility.await()
              .atMost(Duration.ofSeconds(3))
              .untilAsserted(
                  () -> {
                    assertThat(Stage.rails().connections(listening.user())).isEmpty();
                    assertThat(Stage.rails().connections(polling.user())).isEmpty();
                  });
          Awaitility.await().atMost(Duration.ofSeconds(3)).until(poll::isDone);
        }
        bridge.deploy();
      }
      bridge.undeploy();

      bridge.awaitCollectionOfBusyDeployments(TIME_TO_COLLECT);
      assertThat(bridge.threads()).noneMatch(EndingIT::isOurs);
      assertThat(bridge.leaks()).isEmpty();
    }
  }

  /** A worker that holds a reference to the bridge passes it on, so a leak would add up. */
  @ParameterizedTest
  @EnumSource
  void takingABusyApplicationOutAgainAndAgainLeavesNothing(Container container) {
    try (Bridge bridge = Stage.bridgeWithSettings(container).start()) {
      for (int i = 0; i < DEPLOYMENTS; i++) {
        List<CompletableFuture<RawResponse>> polls = waitingPolls(bridge);

        bridge.undeploy();

        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> polls.stream().allMatch(CompletableFuture::isDone));
        bridge.deploy();
      }

      bridge.awaitCollectionOfBusyDeployments(TIME_TO_COLLECT);
    }
  }

  private static List<CompletableFuture<RawResponse>> waitingPolls(Bridge bridge) {
    List<CompletableFuture<RawResponse>> polls = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      Visitor polling = bridge.visitor();
      polling.poll("timeout=0");
      CompletableFuture<RawResponse> poll = new CompletableFuture<>();
      Thread thread =
          new Thread(() -> poll.completeAsync(() -> polling.poll("timeout=60"), Runnable::run));
      thread.setDaemon(true);
      thread.start();
      polls.add(poll);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> metrics(bridge).contains("cablestream_listeners{transport=\"poll\"} " + MANY));
    return polls;
  }

  private static String metrics(Bridge bridge) {
    return bridge.operate("GET", "/-/metrics").send().text();
  }

  private static boolean isOurs(String thread) {
    return List.of("cablestream", "WebSocketClient", "HttpClient").stream()
        .anyMatch(thread::startsWith);
  }
}
