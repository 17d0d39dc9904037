package cablestream.memory;

import static cablestream.support.HeapScale.weigh;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FairSharesTest {
  private final FairShares<String> shares = new FairShares<>();

  @Test
  void theNetworkThatHoldsMostGivesItsOldest() {
    shares.put("office", "office 1", 1);
    shares.put("stranger", "stranger 1", 1);
    shares.put("stranger", "stranger 2", 1);
    shares.put("stranger", "stranger 3", 1);
    shares.put("office", "office 2", 1);

    assertThat(shares.takeOldest("home", 1)).isEqualTo("stranger 1");
    // Both hold two: the order of names decides, and the selected one then holds less.
    assertThat(shares.takeOldest("home", 1)).isEqualTo("stranger 2");
    assertThat(shares.takeOldest("home", 1)).isEqualTo("office 1");
    assertThat(shares.takeOldest("home", 1)).isNull();
  }

  @Test
  void nothingGivesWayToANetworkThatWouldHoldAsMuch() {
    shares.put("office", "office 1", 1);
    shares.put("office", "office 2", 1);

    assertThat(shares.takeOldest("stranger", 2)).isNull();
    assertThat(shares.takeOldest("stranger", 1)).isEqualTo("office 1");
  }

  @Test
  void theNetworkThatHoldsMostGivesWayToItself() {
    shares.put("stranger", "stranger 1", 1);
    shares.put("stranger", "stranger 2", 1);

    assertThat(shares.takeOldest("stranger", 3)).isEqualTo("stranger 1");
  }

  @Test
  void aHoldingThatGrowsKeepsItsPlace() {
    shares.put("office", "office 1", 1);
    shares.put("office", "office 2", 1);
    shares.put("stranger", "stranger 1", 2);
    shares.put("stranger", "stranger 2", 2);
    shares.put("office", "office 1", 5);

    assertThat(shares.total("office")).isEqualTo(6);
    assertThat(shares.takeOldest("home", 1)).isEqualTo("office 1");
    assertThat(shares.takeOldest("home", 1)).isEqualTo("stranger 1");
  }

  @Test
  void whatWasRemovedGivesWayToNothing() {
    shares.put("office", "office 1", 3);
    shares.put("office", "office 2", 2);

    assertThat(shares.remove("office", "office 1")).isTrue();
    assertThat(shares.remove("office", "office 1")).isFalse();
    assertThat(shares.remove("home", "office 2")).isFalse();
    assertThat(shares.takeOldest("home", 1)).isEqualTo("office 2");
    assertThat(shares.total("office")).isZero();
    assertThat(shares.takeOldest("office", 1)).isNull();
  }

  @Test
  void aHoldingCanBeLeftOutOfItsNetworksTotal() {
    shares.put("office", "office 1", 3);
    shares.put("office", "office 2", 2);

    assertThat(shares.totalWithout("office", "office 1")).isEqualTo(2);
    assertThat(shares.totalWithout("office", "home 1")).isEqualTo(5);
    assertThat(shares.totalWithout("home", "home 1")).isZero();
  }

  /** Compared with a list per network that is searched from end to end. */
  @Test
  void aThousandNetworksGiveAsAPlainSearchSays() {
    Random random = new Random(7);
    Map<String, Deque<String>> lists = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      String network = "network " + random.nextInt(1_000);
      Deque<String> list = lists.computeIfAbsent(network, any -> new ArrayDeque<>());
      switch (random.nextInt(3)) {
        case 0 -> {
          list.add("holding " + i);
          shares.put(network, "holding " + i, 1);
        }
        case 1 -> {
          String newest = list.pollLast();
          assertThat(shares.remove(network, newest)).isEqualTo(newest != null);
        }
        default -> {
          int max = lists.values().stream().mapToInt(Deque::size).max().orElseThrow();
          String taken = shares.takeOldest(network, 0);
          Deque<String> from =
              lists.values().stream()
                  .filter(each -> !each.isEmpty() && each.peek().equals(taken))
                  .findFirst()
                  .orElse(null);
          assertThat(taken == null).isEqualTo(max == 0);
          if (from != null) {
            assertThat(from).hasSize(max);
            from.remove();
          }
        }
      }
    }
  }

  @Test
  void aHoldingTakesNoMoreThanItsEntryIsChargedFor() {
    FairShares<Integer> all = new FairShares<>();
    long weight =
        weigh(
            i -> {
              Integer holding = i;
              all.put("2001:db8:" + Integer.toHexString(i) + ":1::/64", holding, 1);
              return holding;
            });
    assertThat(weight).isBetween(FairShares.ENTRY / 2, FairShares.ENTRY);
    assertThat(all.takeOldest("home", 0)).isNotNull();
  }
}
