package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests that are slow or never end. The bridge bounds bodies: 30 s, and a number of bytes for
 * each and for all together. The container bounds the header: Tomcat's connectionTimeout or Jetty's
 * idleTimeout ends a silent one. One that drips isn't ended; it costs a connection but no thread,
 * and only a proxy bounds it.
 */
class SlowRequestIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration MARGIN = Duration.ofSeconds(8);
  private static final Duration DRIP = Duration.ofSeconds(2);

  private final Executor attackers =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "slow-attacker");
            thread.setDaemon(true);
            return thread;
          });

  private final List<Victim> victims =
      List.of(Victim.usual(Container.TOMCAT11), Victim.usual(Container.JETTY_EE10));

  @AfterEach
  void theBystandersHaveNoticedNothing() {
    victims.forEach(victim -> victim.bystander().hasNoticedNothing());
  }

  /** Everything that takes half a minute, at once and on both containers. */
  @Test
  void bodiesAndHeadersThatDripOrStopTakeNoThreadAndEnd() {
    List<CompletableFuture<Void>> attacks = new ArrayList<>();
    for (Victim victim : victims) {
      victim.bystander().hasNoticedNothing();
      attacks.add(attack(() -> aBodyThatDrips(victim)));
      attacks.add(attack(() -> aBodyThatStops(victim)));
      attacks.add(attack(() -> aChunkThatDrips(victim)));
      attacks.add(attack(() -> aChunkExtensionWithoutEnd(victim)));
      attacks.add(attack(() -> aHeaderThatStops(victim)));
      attacks.add(attack(() -> manyHeadersThatDrip(victim)));
    }
    attacks.forEach(CompletableFuture::join);
  }

  private interface Attack {
    void carryOut() throws Exception;
  }

  private CompletableFuture<Void> attack(Attack attack) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            attack.carryOut();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        },
        attackers);
  }

  private static void aBodyThatDrips(Victim victim) throws IOException {
    dripBody(victim, "Content-Length: 1000\r\n", " ");
  }

  private static void aChunkThatDrips(Victim victim) throws IOException {
    dripBody(victim, "Transfer-Encoding: chunked\r\n", "1\r\n \r\n");
  }

  private static void aChunkExtensionWithoutEnd(Victim victim) throws IOException {
    dripBody(victim, "Transfer-Encoding: chunked\r\n", "1;x");
  }

  /** A byte every other second keeps resetting each timeout of a container. */
  private static void dripBody(Victim victim, String length, String drop) throws IOException {
    long before = System.nanoTime();
    try (Connection connection = new Connection(victim).write(post(victim, length) + "[")) {
      RawResponse answer = null;
      while (answer == null) {
        answer = connection.write(drop).answerWithin(DRIP);
      }
      // An extension ends the body at once if the container doesn't allow it.
      assertThat(answer.status()).as(length + drop).isIn(400, 408);
      assertThat(since(before)).as(length + drop).isLessThan(LIMIT.plus(MARGIN));
      assertThat(connection.isClosedWithin(MARGIN)).as(length + drop).isTrue();
    }
  }

  private static void aBodyThatStops(Victim victim) throws IOException {
    try (Connection connection =
        new Connection(victim).write(post(victim, "Content-Length: 1000\r\n") + "[")) {
      assertRefused(connection.answer(LIMIT.plus(MARGIN)), 408);
      assertThat(connection.isClosedWithin(MARGIN)).isTrue();
    }
  }

  private static void aHeaderThatStops(Victim victim) throws IOException {
    try (Connection connection =
        new Connection(victim).write("GET " + victim.visitor().path() + " HTTP/1.1\r\nHost: a")) {
      assertThat(connection.isClosedWithin(LIMIT.plus(MARGIN))).isTrue();
    }
  }

  /** More than either container has threads. */
  private static void manyHeadersThatDrip(Victim victim) throws Exception {
    List<Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        connections.add(
            new Connection(victim).write("GET " + victim.visitor().path() + " HTTP/1.1\r\nA: "));
      }
      for (int drop = 0; drop < 3; drop++) {
        for (Connection connection : connections) {
          connection.write("x");
        }
        long before = System.nanoTime();
        assertThat(victim.visitor().poll("timeout=0").status()).isEqualTo(200);
        assertThat(since(before)).isLessThan(Duration.ofSeconds(3));
        Thread.sleep(DRIP.toMillis());
      }
    } finally {
      connections.forEach(Connection::close);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void headersWithoutEnd(Container container) throws IOException {
    Victim victim = Victim.usual(container);
    for (String line : List.of("A: " + "x".repeat(1_000), "A: x", "x".repeat(1_000), "\r\n")) {
      try (Connection connection =
          new Connection(victim).write("GET " + victim.visitor().path() + " HTTP/1.1\r\n")) {
        // At most 64 KiB; a container that takes them for the end of the request has responded.
        String lines = (line + "\r\n").repeat(1 + 1_000 / line.length());
        assertThat(connection.isRefusedWithin(64, lines)).as(line).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void chunksWithoutEnd(Container container) throws IOException {
    Victim victim = Victim.usual(container);
    try (Connection connection =
        new Connection(victim).write(post(victim, "Transfer-Encoding: chunked\r\n"))) {
      String chunk = "400\r\n" + " ".repeat(0x400) + "\r\n";
      for (int i = 0; i < 65; i++) {
        connection.write(chunk);
      }
      assertRefused(connection.answer(Duration.ofSeconds(5)), 413);
      // Tomcat reads another 2 MiB for a client that doesn't read its response, but no more.
      assertThat(connection.isRefusedWithin(4_096, chunk)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void aBodyOfALengthThatIsTooLarge(Container container) throws IOException {
    Victim victim = Victim.usual(container);
    for (String length : List.of("65537", "1000000000", "9223372036854775807")) {
      try (Connection connection =
          new Connection(victim).write(post(victim, "Content-Length: " + length + "\r\n"))) {
        // Without a byte of it, within a few seconds, and without reserving memory for the whole.
        assertRefused(connection.answer(Duration.ofSeconds(5)), 413);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void aBodyThatIsShorterThanItsLength(Container container) throws IOException {
    Victim victim = Victim.usual(container);
    Visitor visitor = victim.visitor();
    try (EventStream stream = visitor.listenTo(CableSession.ECHO)) {
      String command =
          "[{\"identifier\":"
              + CableSession.ECHO
              + ",\"send\":{\"half\":\""
              + visitor.id()
              + "\"}}]";
      for (String head :
          List.of(
              "Content-Length: " + (command.length() + 1) + "\r\n\r\n",
              chunk(command.length() + 1))) {
        try (Connection connection = new Connection(victim).write(head(visitor) + head + command)) {
          connection.shutdownOutput();
          assertThat(connection.answers(Duration.ofSeconds(5)))
              .allSatisfy(answer -> assertThat(answer.status()).isEqualTo(400));
        }
      }
      // It was complete JSON, but isn't executed.
      visitor.send(CableSession.ECHO, "{\"whole\":1}");
      assertThat(stream.next("received").data()).contains("whole");
      assertThat(victim.cable().commands(visitor.id())).isEmpty();
    }
  }

  private static String chunk(int length) {
    return "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(length) + "\r\n";
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void aBodyThatIsLongerThanItsLength(Container container) throws IOException {
    Victim victim = Victim.usual(container);
    Visitor visitor = victim.visitor();
    visitor.poll("timeout=0");
    try (Connection connection =
        new Connection(victim)
            .write(head(visitor) + "Content-Length: 2\r\n\r\n[]{\"a\":1}\r\n\r\n")) {
      List<RawResponse> answers = connection.answers(Duration.ofSeconds(5));
      assertThat(answers).hasSizeBetween(1, 2);
      assertThat(answers.get(0).status()).isEqualTo(200);
      // The remaining bytes aren't a request.
      assertThat(answers).filteredOn(answer -> answer.status() < 400).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void aBodyThatIsPromisedOnly(Container container) throws IOException {
    Victim victim = Victim.usual(container);
    long before = victim.bridge().memory().heap();
    List<Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        connections.add(new Connection(victim).write(tunnelPost(victim, 1 << 20) + "[\""));
      }
      assertThat(victim.visitor().poll("timeout=0").status()).isEqualTo(200);
      // The announced lengths add up to 200 MiB.
      assertThat(victim.bridge().memory().heap() - before).isLessThan(32 * 1_024);
    } finally {
      connections.forEach(Connection::close);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void hundredsOfBodiesThatAreNeverFinished(Container container) throws IOException {
    Victim victim = Victim.usual(container);
    long before = victim.bridge().memory().heap();
    String max = "x".repeat((1 << 20) - 100);
    List<Connection> connections = new ArrayList<>();
    try {
      // Almost the limit of a tunnel's body, from callers without a session: 200 MiB in all, of
      // which a sixteenth of the heap is kept, in arrays that may occupy twice as much.
      for (int i = 0; i < 200; i++) {
        Connection connection = new Connection(victim);
        connections.add(connection);
        connection.writeWhatIsTaken(tunnelPost(victim, 1 << 20) + max);
      }
      assertThat(victim.bridge().memory().heap() - before).isLessThan(112 * 1_024);
      assertThat(victim.visitor().poll("timeout=0").status()).isEqualTo(200);
      victim.bystander().hasNoticedNothing();
    } finally {
      connections.forEach(Connection::close);
    }
  }

  private static String tunnelPost(Victim victim, int length) {
    Visitor visitor = victim.visitor();
    return "POST %s?protocol=actioncable-v1-json HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
        .formatted(visitor.path(), length);
  }

  private static String post(Victim victim, String length) {
    return head(victim.visitor()) + length + "\r\n";
  }

  private static String head(Visitor visitor) {
    return "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: %s\r\nCookie: %s\r\n"
        .formatted(
            visitor.path(),
            visitor.site().port(),
            visitor.header("Origin"),
            visitor.header("Cookie"));
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }
}
