package cablestream.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdleConnectionsTest {
  private static final long ROOM_FOR_FOUR =
      4 * IdleConnections.EACH * IdleConnections.MAX_PART_OF_HEAP;

  private final IdleConnections idle = new IdleConnections(ROOM_FOR_FOUR);
  private final List<Fake> cut = new ArrayList<>();

  private final class Fake implements IdleConnections.Connection {
    private final String network;
    private long head;
    private boolean busy;

    Fake(String network) {
      this.network = network;
    }

    @Override
    public String network() {
      return network;
    }

    @Override
    public long headBytes() {
      return head;
    }

    @Override
    public boolean isBusy() {
      return busy;
    }

    @Override
    public void cut() {
      cut.add(this);
    }
  }

  private Fake opened() {
    return openedFrom("anywhere");
  }

  private Fake openedFrom(String network) {
    Fake fake = new Fake(network);
    idle.look(fake);
    return fake;
  }

  @Test
  void whereThereAreTooManyTheLongestIdleEnds() {
    Fake first = opened();
    Fake second = opened();
    opened();
    opened();
    assertThat(cut).isEmpty();

    opened();
    opened();

    assertThat(cut).containsExactly(first, second);
    assertThat(idle.size()).isEqualTo(4);
    assertThat(idle.cut()).isEqualTo(2);
  }

  @Test
  void aHeadThatGrowsEndsTheLongestIdleAndAtLastItself() {
    Fake first = opened();
    Fake growing = opened();
    Fake last = opened();
    growing.head = 2 * IdleConnections.EACH;

    idle.look(growing);

    assertThat(cut).containsExactly(first);

    growing.head = 5 * IdleConnections.EACH;
    idle.look(growing);

    assertThat(cut).containsExactly(first, growing);
    assertThat(idle.bytes()).isEqualTo(IdleConnections.EACH);
    assertThat(last.busy).isFalse();
  }

  @Test
  void whereARequestIsAnsweredNothingIsHeldOrEnded() {
    Fake serving = opened();
    serving.busy = true;
    idle.look(serving);
    idle.look(serving);
    for (int i = 0; i < 5; i++) {
      opened();
    }

    assertThat(cut).doesNotContain(serving).hasSize(1);
    assertThat(idle.bytes()).isEqualTo(4 * IdleConnections.EACH);
  }

  @Test
  void theNetworkThatHoldsMostEndsItsOwn() {
    Fake alone = openedFrom("elsewhere");
    Fake first = opened();
    Fake second = opened();
    opened();
    opened();
    opened();

    assertThat(cut).containsExactly(first, second).doesNotContain(alone);
  }

  @Test
  void whoWasServedIsTheShortestIdle() {
    Fake served = opened();
    Fake waiting = opened();
    served.busy = true;
    idle.look(served);
    served.busy = false;
    idle.look(served);
    opened();
    opened();
    opened();

    assertThat(cut).containsExactly(waiting);
  }

  @Test
  void whoLeavesTwiceLeavesOnce() {
    Fake leaving = opened();
    opened();
    leaving.busy = true;
    idle.look(leaving);
    idle.look(leaving);

    assertThat(idle.bytes()).isEqualTo(IdleConnections.EACH);
    assertThat(idle.size()).isEqualTo(1);
  }
}
