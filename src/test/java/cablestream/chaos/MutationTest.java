package cablestream.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MutationTest {
  private final Mutation.Instance swap = Mutation.SWAP_TWO_EVENTS.instance();
  private final Mutation.Instance drop = Mutation.DROP_AN_EVENT.instance();

  @Test
  void twoEventsChangePlaces() {
    passTo(swap, 199);

    assertThat(swap.events(message(200))).isEmpty();
    assertThat(swap.events(message(201))).containsExactly(message(201), message(200));
    assertThat(swap.events(message(202))).containsExactly(message(202));
  }

  @Test
  void anEventHeldAtTheEndOfAPollIsHeldAgainWhenTheNextPollRepeatsIt() {
    passTo(swap, 199);

    assertThat(swap.events(message(200))).isEmpty();
    assertThat(swap.events(message(200))).isEmpty();
    assertThat(swap.events(message(201))).containsExactly(message(201), message(200));
  }

  @Test
  void anEventDroppedAtTheEndOfAPollIsDroppedAgainWhenTheNextPollRepeatsIt() {
    passTo(drop, 199);

    assertThat(drop.events(message(200))).isEmpty();
    assertThat(drop.events(message(200))).isEmpty();
    assertThat(drop.events(message(201))).containsExactly(message(201));
  }

  private static void passTo(Mutation.Instance mutation, int last) {
    for (int n = 1; n <= last; n++) {
      assertThat(mutation.events(message(n))).containsExactly(message(n));
    }
  }

  private static Heard message(int n) {
    return new Heard("s-" + n, "message", "{\"type\":\"received\",\"n\":" + n + "}");
  }
}
