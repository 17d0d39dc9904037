package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.RawResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several machines, with haproxy/cluster.cfg and nginx/cluster.conf. */
class ClusterIT {
  private static final int SESSIONS = 60;
  private static final int WAVE = 12;
  private static final Duration SOON = Duration.ofSeconds(5);

  @ParameterizedTest
  @EnumSource(names = {"NGINX", "HAPROXY"})
  void theSessionsOfAKilledNodeAreBackOnOthersWithinFiveSecondsAndNobodyElseNotices(
      ProxyProgram program) {
    try (NodeCluster cluster = NodeCluster.start(program, Container.TOMCAT11);
        Crowd crowd = crowd(cluster);
        Newcomers newcomers = Newcomers.to(cluster.node(0))) {
      List<BrowserPage> own = cluster.on(1, crowd.pages());

      long killed = System.nanoTime();
      cluster.node(1).process().kill();

      Crowd.await(own, page -> page.isConnectedSince(killed));
      crowd.awaitMessages(20);
      crowd.finish();
      report("killed behind " + program, crowd, own, page -> page.backAfter(killed).toMillis());
      assertBackSoon(own, page -> page.backAfter(killed), cluster, newcomers);
      assertMoved(own);
      assertNoticedNothing(others(crowd, own));
      assertThat(onOneOf(cluster, own, 0, 2)).isEqualTo(own.size());
    }
  }

  @Test
  void theSessionsOfADrainedNodeAreBackOnOthersWithinFiveSecondsAndNobodyElseNotices() {
    try (NodeCluster cluster = NodeCluster.start(ProxyProgram.HAPROXY, Container.JETTY_EE10);
        Crowd crowd = crowd(cluster);
        Newcomers newcomers = Newcomers.to(cluster.node(0))) {
      List<BrowserPage> own = cluster.on(1, crowd.pages());

      long asked = System.nanoTime();
      RawResponse drained = cluster.node(1).operate("POST", "/-/drain").body("").send();

      assertThat(drained.json().getInt("sessions")).isEqualTo(own.size());
      assertThat(drained.json().getInt("aborted")).isZero();
      Crowd.await(own, page -> page.isConnectedSince(asked));
      crowd.awaitMessages(20);
      crowd.finish();
      report(
          "drained behind HAPROXY", crowd, own, page -> page.backAfter(page.lostAt()).toMillis());
      assertBackSoon(own, page -> page.backAfter(page.lostAt()), cluster, newcomers);
      assertMoved(own);
      assertNoticedNothing(others(crowd, own));
      assertThat(onOneOf(cluster, own, 0, 2)).isEqualTo(own.size());
    }
  }

  @Test
  void aNodeThatIsAddedGetsNewSessionsAndLeavesTheLivingOnesWhereTheyAre() {
    try (NodeCluster cluster = NodeCluster.start(ProxyProgram.HAPROXY, Container.JETTY_EE10)) {
      Bridge added = cluster.node(2);
      // HAProxy must know that the node is down before the first client connects.
      added.operate("POST", "/-/drain").body("").send();
      added.undeploy();
      try (Crowd crowd = crowd(cluster)) {
        List<BrowserPage> before = List.copyOf(crowd.pages());
        assertThat(onOneOf(cluster, before, 0, 1)).isEqualTo(before.size());

        added.deploy();
        awaitSessions(cluster, 2, crowd);
        crowd.awaitMessages(30);
        crowd.finish();

        assertNoticedNothing(before);
        assertThat(onOneOf(cluster, before, 0, 1)).isEqualTo(before.size());
      }
    }
  }

  /** The procedure of docs/nodes.md: drain, stop and start, one node after the other. */
  @Test
  void anUpgradeOfAllNodesStrandsNoEventSource() {
    try (NodeCluster cluster = NodeCluster.start(ProxyProgram.HAPROXY, Container.JETTY_EE10);
        Crowd crowd = crowd(cluster)) {
      for (int i = 0; i < 3; i++) {
        List<BrowserPage> own = cluster.on(i, crowd.pages());
        long asked = System.nanoTime();
        cluster.node(i).operate("POST", "/-/drain").body("").send();
        cluster.node(i).undeploy();
        Crowd.await(own, page -> page.isConnectedSince(asked));
        cluster.node(i).deploy();
        awaitSessions(cluster, i, crowd);
        System.out.printf(
            "Upgraded node %d of 3 behind HAProxy: %d of %d sessions were there, stranded %d, back"
                + " after %d ms (max)%n",
            i + 1,
            own.size(),
            crowd.pages().size(),
            own.stream().filter(BrowserPage::isStranded).count(),
            own.stream()
                .mapToLong(page -> page.backAfter(page.lostAt()).toMillis())
                .max()
                .orElse(0));
      }
      crowd.awaitMessages(20);
      crowd.finish();

      assertThat(crowd.pages()).flatMap(BrowserPage::finalAnswers).isEmpty();
      assertThat(crowd.pages()).allMatch(page -> page.numbers().missing() == 0);
    }
  }

  private static void awaitSessions(NodeCluster cluster, int node, Crowd crowd) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              crowd.open(cluster.proxy(), 1);
              crowd.await(page -> page.session() != null);
              return !cluster.on(node, crowd.pages()).isEmpty();
            });
  }

  private static Crowd crowd(NodeCluster cluster) {
    Crowd crowd = new Crowd();
    for (int i = 0; i < SESSIONS / WAVE; i++) {
      crowd.open(cluster.proxy(), WAVE);
      crowd.await(page -> page.session() != null);
    }
    crowd.start();
    crowd.awaitMessages(20);
    return crowd;
  }

  private static List<BrowserPage> others(Crowd crowd, List<BrowserPage> own) {
    List<BrowserPage> others = new ArrayList<>(crowd.pages());
    others.removeAll(own);
    // Each node has some sessions; with too few of them the test would show nothing.
    assertThat(own).hasSizeBetween(SESSIONS / 12, SESSIONS * 2 / 3);
    return others;
  }

  private static int onOneOf(NodeCluster cluster, List<BrowserPage> pages, int one, int other) {
    return cluster.on(one, pages).size() + cluster.on(other, pages).size();
  }

  /** If a page isn't back, its failures and the nodes' dials are all that can be reported. */
  private static void assertBackSoon(
      List<BrowserPage> pages,
      Function<BrowserPage, Duration> back,
      NodeCluster cluster,
      Newcomers newcomers) {
    Duration limit = SOON.plus(newcomers.slowest());
    for (BrowserPage page : pages) {
      assertThat(back.apply(page))
          .as(
              () ->
                  "Back after %s; failed requests of this page %s, of all that moved %s; dials %s"
                      .formatted(
                          pages.stream().map(back).sorted().toList(),
                          page.failures(),
                          BrowserPage.failures(pages),
                          cluster.dials()))
          .isLessThan(limit);
    }
  }

  private static void assertMoved(List<BrowserPage> pages) {
    for (BrowserPage page : pages) {
      assertThat(page.losses()).isEqualTo(1);
      assertThat(page.gaps()).isEqualTo(1);
      assertThat(page.numbers().missing()).isZero();
      assertThat(page.numbers().repeated()).isZero();
    }
  }

  private static void assertNoticedNothing(List<BrowserPage> pages) {
    for (BrowserPage page : pages) {
      assertThat(page.failures()).isEmpty();
      assertThat(page.losses()).isZero();
      assertThat(page.gaps()).isZero();
      assertThat(page.numbers().missing()).isZero();
      assertThat(page.numbers().repeated()).isZero();
    }
  }

  /** The figures of docs/nodes.md. */
  private static void report(
      String what,
      Crowd crowd,
      List<BrowserPage> own,
      ToLongFunction<BrowserPage> backAfterMillis) {
    long[] times = own.stream().mapToLong(backAfterMillis).sorted().toArray();
    List<BrowserPage> others = others(crowd, own);
    System.out.printf(
        "One of 3 nodes %s: %d sessions, %d moved, back after %d ms (p50), %d ms (max);"
            + " failed requests of theirs %s, of the others %s; missing unannounced %d%n",
        what,
        crowd.pages().size(),
        own.size(),
        times[times.length / 2],
        Arrays.stream(times).max().orElseThrow(),
        BrowserPage.failures(own),
        BrowserPage.failures(others),
        crowd.pages().stream().mapToInt(page -> page.numbers().missing()).sum());
  }
}
