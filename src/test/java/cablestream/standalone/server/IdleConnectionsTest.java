package cablestream.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdleConnectionsTest {
  private final List<Fake> open = new ArrayList<>();
  private final List<Fake> cut = new ArrayList<>();
  private IdleConnections idle = withRoomFor(4);
  private int examinations;

  private final class Fake implements IdleConnections.Connection {
    private final String network;
    private long since = System.nanoTime();
    private long bytes = IdleConnections.EACH;

    Fake(String network) {
      this.network = network;
    }

    void isAnswered() {
      since = System.nanoTime();
      bytes = IdleConnections.EACH;
      idle.grow(bytes);
    }

    @Override
    public String network() {
      return network;
    }

    @Override
    public long idleSince() {
      return since;
    }

    @Override
    public long idleBytes() {
      return bytes;
    }

    @Override
    public void cut() {
      open.remove(this);
      cut.add(this);
    }
  }

  private IdleConnections withRoomFor(int connections) {
    long heap = connections * IdleConnections.EACH * IdleConnections.MAX_PART_OF_HEAP;
    return new IdleConnections(
        heap,
        () -> {
          examinations++;
          return open.stream().map(each -> each);
        });
  }

  private Fake opened() {
    return openedFrom("anywhere");
  }

  private Fake openedFrom(String network) {
    Fake fake = new Fake(network);
    open.add(fake);
    idle.grow(fake.bytes);
    return fake;
  }

  @Test
  void theLongestIdleAreClosedUntilAQuarterOfTheLimitIsFree() {
    Fake first = opened();
    Fake second = opened();
    opened();
    opened();
    assertThat(cut).isEmpty();

    opened();

    assertThat(cut).containsExactly(first, second);
    assertThat(idle.cut()).isEqualTo(2);
  }

  @Test
  void aGrowingHeadClosesTheLongestIdleAndAtLastItself() {
    Fake first = opened();
    Fake growing = opened();
    Fake last = opened();

    growing.bytes += IdleConnections.EACH + 1;
    idle.grow(IdleConnections.EACH + 1);

    assertThat(cut).containsExactly(first, growing);
    assertThat(open).containsExactly(last);
  }

  @Test
  void aRequestThatIsAnsweredIsNeverClosed() {
    Fake serving = opened();
    serving.bytes = 0;
    for (int i = 0; i < 5; i++) {
      opened();
    }

    assertThat(cut).doesNotContain(serving).hasSize(1);
  }

  @Test
  void theNetworkThatUsesMostLosesItsOwn() {
    Fake alone = openedFrom("elsewhere");
    Fake first = opened();
    Fake second = opened();
    opened();
    opened();

    assertThat(cut).containsExactly(first, second).doesNotContain(alone);
  }

  @Test
  void aConnectionThatWasServedIsTheShortestIdle() {
    Fake served = opened();
    Fake waiting = opened();
    Fake third = opened();

    served.isAnswered();
    opened();

    assertThat(cut).containsExactly(waiting);
    assertThat(open).contains(served, third);
  }

  @Test
  void connectionsThatHaveEndedCloseNoOthers() {
    Fake staying = opened();
    for (int i = 0; i < 100; i++) {
      open.remove(opened());
    }

    assertThat(cut).isEmpty();
    assertThat(open).containsExactly(staying);
  }

  @Test
  void howeverManyAreOpenedFewAreExamined() {
    idle = withRoomFor(400);
    for (int i = 0; i < 4_000; i++) {
      opened();
    }

    assertThat(examinations).isLessThanOrEqualTo(40);
    assertThat(open).hasSizeBetween(300, 400);
  }
}
