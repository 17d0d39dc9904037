package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cablestream.support.Firewall;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Three nodes that share sessions by Valkey, behind haproxy/any-node.cfg, and faults of a node or
 * of Valkey: nothing is lost unannounced or repeated, and no page has two sessions at the end.
 * Prints the figures of docs/nodes.md.
 */
class NodesIT {
  private static final int SESSIONS = 48;
  private static final int WAVE = 12;

  /** With the settings of that test; the rest is {@code Relays.GRACE}. */
  private static final Duration LONGER_THAN_A_RELAY_IS_PATIENT = Duration.ofSeconds(14);

  private static final String CUT_OFF = "127.77.4.1";
  private static final Duration SOON = Duration.ofSeconds(6);
  private static final Map<String, String> SETTINGS = Map.of("drain.notice", "2s");

  @Test
  void theSessionsOfAKilledNodeAreBackOnOthersAndNobodyElseNotices() {
    try (RoundRobin cluster = RoundRobin.site(Container.TOMCAT11, SETTINGS);
        Crowd crowd = crowd(cluster);
        Newcomers newcomers = Newcomers.to(cluster.node(0))) {
      List<BrowserPage> own = NodeCluster.on(cluster.node(1), crowd.pages());

      long killed = System.nanoTime();
      cluster.node(1).process().kill();

      Crowd.await(own, page -> page.isConnectedSince(killed));
      finish(crowd);
      report("killed", crowd, own, killed);
      Duration limit = SOON.plus(newcomers.slowest());
      assertThat(own).allMatch(page -> page.backAfter(killed).compareTo(limit) < 0);
      assertNothingMissed(crowd);
      assertOneCableEach(crowd);
    }
  }

  /** Until the lease ends, other nodes' knowledge of it is about its predecessor. */
  @Test
  void aNodeThatIsKilledAndStartedAgainAtOnceStrandsNobody() {
    try (RoundRobin cluster = RoundRobin.site(Container.JETTY_EE10, SETTINGS);
        Crowd crowd = crowd(cluster)) {
      List<BrowserPage> own = NodeCluster.on(cluster.node(1), crowd.pages());

      long killed = System.nanoTime();
      cluster.restart(1);

      Crowd.await(own, page -> page.isConnectedSince(killed));
      finish(crowd);
      report("killed and started again", crowd, own, killed);
      assertThat(crowd.pages()).flatMap(BrowserPage::finalAnswers).isEmpty();
      assertNothingMissed(crowd);
      assertOneCableEach(crowd);
    }
  }

  /** A browser may put characters into a query that are invalid in a URI. */
  @Test
  void anyQueryIsServedByAllNodesAlike() {
    try (RoundRobin cluster = RoundRobin.site(Container.JETTY_EE10, SETTINGS)) {
      awaitStore(cluster, "up");
      pause(Duration.ofSeconds(2));
      for (String query : List.of("a=100%", "a=%2", "a=x|y", "a={b}", "a=x^y", "a=%C3%A9", "a=b")) {
        Visitor visitor = cluster.node(0).visitor();
        Set<Integer> statuses = new HashSet<>();
        for (Bridge node : cluster.nodes()) {
          statuses.add(visitor.at(node.site()).poll("timeout=0&" + query).status());
        }
        assertThat(statuses).as(query).containsExactly(200);
      }
    }
  }

  @Test
  void theSessionsOfADrainedNodeComeBackOnAnyOtherAndNoOtherRequestFails() {
    try (RoundRobin cluster = RoundRobin.site(Container.JETTY_EE10, SETTINGS);
        Crowd crowd = crowd(cluster)) {
      List<BrowserPage> own = NodeCluster.on(cluster.node(1), crowd.pages());

      long asked = System.nanoTime();
      RawResponse drained = cluster.node(1).operate("POST", "/-/drain").body("").send();
      assertThat(drained.json().getInt("sessions")).isEqualTo(own.size());

      Crowd.await(own, page -> page.isConnectedSince(asked));
      finish(crowd);
      report("drained", crowd, own, asked);
      // A command may reach the node after its session's end, but before its page has read of that.
      assertThat(crowd.pages())
          .allMatch(
              page -> page.failures().isEmpty() || own.contains(page) && page.onlyMissedItsEnd());
      assertNothingMissed(crowd);
      assertOneCableEach(crowd);
      assertThat(NodeCluster.on(cluster.node(1), crowd.pages())).isEmpty();
    }
  }

  @Test
  void valkeyMayStopHangForgetEverythingAndComeBack() {
    try (RoundRobin cluster = RoundRobin.site(Container.JETTY_EE10, SETTINGS);
        Crowd crowd = crowd(cluster)) {
      cluster.store().flush();
      pause(Duration.ofSeconds(3));
      cluster.store().hang(3);
      pause(Duration.ofSeconds(4));
      cluster.store().stop();
      awaitStore(cluster, "down");
      crowd.awaitMessages(20);
      cluster.store().again();
      awaitStore(cluster, "up");
      crowd.open(cluster.site(), WAVE);
      crowd.await(page -> page.session() != null);
      finish(crowd);

      report("Valkey flushed, hung and stopped", crowd, List.of(), 0);
      assertNothingMissed(crowd);
      assertOneCableEach(crowd);
    }
  }

  /**
   * The node is alive, and the balancer and the store can reach it, but no other node can: requests
   * that need another node fail meanwhile, and succeed in the end.
   */
  @Test
  void aNodeMayBeCutOffFromTheOthers() {
    assumeTrue(Firewall.isThere(), "needs iptables, and the right to use it");
    // Short, because a relay recognises the fault by silence.
    Map<String, String> settings = Map.of("heartbeat", "1s", "confirm", "2s");
    try (RoundRobin cluster =
            RoundRobin.site(Container.JETTY_EE11, settings, i -> i == 1 ? CUT_OFF : "127.0.0.1");
        Crowd crowd = crowd(cluster)) {
      List<BrowserPage> own = NodeCluster.on(cluster.node(1), crowd.pages());

      long cut = System.nanoTime();
      long mended;
      try (Firewall drops = Firewall.around(CUT_OFF)) {
        pause(LONGER_THAN_A_RELAY_IS_PATIENT);
        Map<BrowserPage, Integer> seen =
            own.stream().collect(Collectors.toMap(page -> page, page -> page.numbers().last()));
        Crowd.await(own, page -> page.numbers().last() > seen.get(page));
        System.out.println(drops);
        mended = System.nanoTime();
      }
      finish(crowd);

      report(
          "one can't be reached by the others for " + (mended - cut) / 1_000_000_000 + " s",
          crowd,
          List.of(),
          cut);
      assertThat(BrowserPage.failures(own))
          .as("what shows that it was cut")
          .containsKey("POST 503");
      assertThat(crowd.pages()).flatMap(BrowserPage::finalAnswers).isEmpty();
      assertNothingMissed(crowd);
      assertOneCableEach(crowd);
    }
  }

  /** During the upgrade, nodes of both versions relay requests to one another. */
  @Test
  void anUpgradeOfAllNodesFromTheVersionBeforeStrandsNobody() {
    Path before = PreviousWar.build();
    try (RoundRobin cluster = RoundRobin.site(Container.JETTY_EE10, SETTINGS, before);
        Crowd crowd = crowd(cluster)) {
      long began = System.nanoTime();
      for (int i = 0; i < cluster.nodes().size(); i++) {
        List<BrowserPage> own = NodeCluster.on(cluster.node(i), crowd.pages());
        long asked = System.nanoTime();
        cluster.upgrade(i);
        Crowd.await(own, page -> page.isConnectedSince(asked));
        awaitStore(cluster, "up");
        crowd.awaitMessages(20);
      }
      finish(crowd);
      report("all upgraded from " + before.getFileName(), crowd, List.of(), began);
      assertThat(crowd.pages()).flatMap(BrowserPage::finalAnswers).isEmpty();
      assertThat(BrowserPage.failures(crowd.pages())).doesNotContainKey("POST 502");
      assertNothingMissed(crowd);
      assertOneCableEach(crowd);
    }
  }

  /** Its connections stay open, so that only the store shows that it is down. */
  @Test
  void whatWasHandedOnToAStoppedNodeEndsWithItsLease() throws Exception {
    try (RoundRobin cluster = RoundRobin.plain(Container.JETTY_EE10)) {
      awaitStore(cluster, "up");
      pause(Duration.ofSeconds(2));
      Visitor owner = cluster.node(1).visitor();
      assertThat(owner.poll("timeout=0").status()).isEqualTo(200);
      Visitor elsewhere = owner.at(cluster.node(0).site());
      String pid = String.valueOf(cluster.node(1).process().pid());
      CompletableFuture<RawResponse> poll =
          CompletableFuture.supplyAsync(() -> elsewhere.poll("timeout=25"));
      pause(Duration.ofSeconds(1));
      assertThat(poll).isNotDone();

      new ProcessBuilder("kill", "-STOP", pid).start().waitFor();
      try {
        long stopped = System.nanoTime();
        poll.get(30, TimeUnit.SECONDS);
        Duration lasted = Duration.ofNanos(System.nanoTime() - stopped);
        System.out.printf(
            "One of 3 nodes stopped: a poll handed on to it ends after %d ms%n", lasted.toMillis());
        assertThat(lasted).isLessThan(Duration.ofSeconds(10));
      } finally {
        new ProcessBuilder("kill", "-CONT", pid).start().waitFor();
      }
    }
  }

  @Test
  void sessionsThatAreIdleCostValkeyNoMoreThanNodesDo() {
    try (RoundRobin cluster = RoundRobin.site(Container.JETTY_EE10, SETTINGS);
        Crowd crowd = crowd(cluster)) {
      finish(crowd);
      pause(Duration.ofSeconds(2));
      long before = cluster.store().commands();
      long began = System.nanoTime();
      pause(Duration.ofSeconds(10));
      double seconds = (System.nanoTime() - began) / 1e9;
      double commands = (cluster.store().commands() - before) / seconds;
      System.out.printf(
          "Three nodes with %d idle sessions: %.1f commands a second to Valkey, those within its"
              + " scripts included%n",
          crowd.pages().size(), commands);
      // Each script is one command of a node per second, with six inside it.
      assertThat(commands).isLessThan(3 * 8);
    }
  }

  private static Crowd crowd(RoundRobin cluster) {
    awaitStore(cluster, "up");
    // A second later each node knows of the others.
    pause(Duration.ofSeconds(2));
    Crowd crowd = new Crowd();
    for (int i = 0; i < SESSIONS / WAVE; i++) {
      crowd.open(cluster.site(), WAVE);
      crowd.await(page -> page.session() != null);
    }
    crowd.start();
    crowd.awaitMessages(20);
    for (Bridge node : cluster.nodes()) {
      // Otherwise the test would show nothing.
      assertThat(NodeCluster.on(node, crowd.pages()))
          .hasSizeBetween(SESSIONS / 12, SESSIONS * 2 / 3);
    }
    return crowd;
  }

  private static void finish(Crowd crowd) {
    crowd.awaitMessages(20);
    crowd.finish();
  }

  private static void awaitStore(RoundRobin cluster, String state) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                cluster.nodes().stream()
                    .map(node -> node.request("GET", "/-/ready").send().json())
                    .allMatch(ready -> ready.getString("cluster").equals(state)));
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertNothingMissed(Crowd crowd) {
    for (BrowserPage page : crowd.pages()) {
      assertThat(page.numbers().missing()).isZero();
      assertThat(page.numbers().repeated()).isZero();
      assertThat(page.echoedAgain()).as("commands carried out twice").isZero();
    }
    assertThat(crowd.pages().stream().mapToInt(BrowserPage::echoed).sum()).isPositive();
  }

  /** A page that had two sessions for a while has one at the end. */
  private static void assertOneCableEach(Crowd crowd) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () ->
                assertThat(crowd.pages())
                    .allSatisfy(
                        page ->
                            assertThat(Stage.rails().connections(page.user()))
                                .as(page.user())
                                .hasSize(1)));
  }

  private static void report(String what, Crowd crowd, List<BrowserPage> own, long since) {
    long[] times =
        own.stream().mapToLong(page -> page.backAfter(since).toMillis()).sorted().toArray();
    List<BrowserPage> others = new ArrayList<>(crowd.pages());
    others.removeAll(own);
    System.out.printf(
        "One of 3 nodes behind round robin: %s; %d sessions, %d moved, back after %d ms (p50), %d ms"
            + " (max); failed requests of theirs %s, of the others %s; streams of the others lost"
            + " %d; missing unannounced %d%n",
        what,
        crowd.pages().size(),
        own.size(),
        times.length == 0 ? 0 : times[times.length / 2],
        Arrays.stream(times).max().orElse(0),
        BrowserPage.failures(own),
        BrowserPage.failures(others),
        others.stream().mapToInt(BrowserPage::losses).sum(),
        crowd.pages().stream().mapToInt(page -> page.numbers().missing()).sum());
  }
}
