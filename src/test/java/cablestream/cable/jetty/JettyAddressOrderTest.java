package cablestream.cable.jetty;

import static cablestream.support.Records.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.cable.CableSettings;
import cablestream.cable.RecordingEvents;
import cablestream.concurrent.TimerWheel;
import cablestream.memory.Account;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.InProcessActionCable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
class JettyAddressOrderTest {
  private static final InetSocketAddress ONE = new InetSocketAddress("127.0.0.1", 80);
  private static final InetSocketAddress TWO = new InetSocketAddress("127.0.0.2", 80);
  private static final InetSocketAddress THREE = new InetSocketAddress("127.0.0.3", 80);
  private static final List<InetSocketAddress> ALL = List.of(ONE, TWO, THREE);

  private final FakeTimers timers = new FakeTimers();
  private final JettyAddressOrder order =
      new JettyAddressOrder((host, port, context, promise) -> promise.succeeded(ALL), timers);

  @Test
  void anAddressWhereNobodyAnsweredIsLastForAMinute() {
    order.failed(ONE, new SocketTimeoutException());
    assertThat(order.inOrder(ALL)).containsExactly(TWO, THREE, ONE);

    timers.advance(Duration.ofSeconds(59));
    assertThat(order.inOrder(ALL)).containsExactly(TWO, THREE, ONE);
  }

  @Test
  void afterTheMinuteOneDialTriesItAndTheOthersStillDoNot() {
    order.failed(ONE, new SocketTimeoutException());
    timers.advance(Duration.ofMinutes(1));

    assertThat(order.inOrder(ALL)).containsExactly(ONE, TWO, THREE);
    assertThat(order.inOrder(ALL)).containsExactly(TWO, THREE, ONE);
  }

  @Test
  void anAddressThatAnswersAgainIsInItsPlaceAtOnce() {
    order.failed(ONE, new SocketTimeoutException());
    order.reached(ONE);
    assertThat(order.inOrder(ALL)).containsExactly(ONE, TWO, THREE);
  }

  @Test
  void anAddressThatRefusesCostsNothingAndKeepsItsPlace() {
    order.failed(ONE, new ConnectException());
    assertThat(order.inOrder(ALL)).containsExactly(ONE, TWO, THREE);
  }

  @Test
  void allOfThemSilentIsAnOrderAsGoodAsAny() {
    ALL.forEach(address -> order.failed(address, new SocketTimeoutException()));
    assertThat(order.inOrder(ALL)).containsExactly(ONE, TWO, THREE);
  }

  @Test
  void aNameServerThatSaysOthersEachTimeFillsNoMemory() {
    order.failed(ONE, new SocketTimeoutException());
    for (int port = 1; port <= 1_000; port++) {
      order.failed(new InetSocketAddress("127.0.0.4", port), new SocketTimeoutException());
    }
    assertThat(order.inOrder(ALL)).as("the first is forgotten").containsExactly(ONE, TWO, THREE);
  }

  /** Linux drops a SYN while the queue of connections that haven't been accepted is full. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void onlyTheFirstDialWaitsForAnAddressThatDropsEverything() throws Exception {
    try (InProcessActionCable rails = InProcessActionCable.start();
        BlackHole hole = new BlackHole(rails.url().getPort());
        TimerWheel wheel = new TimerWheel();
        JettyCableDialer dialer =
            new JettyCableDialer(
                settings(rails.url()),
                wheel,
                Account.ofHeap(),
                (host, port, context, promise) ->
                    promise.succeeded(
                        List.of(hole.address(), new InetSocketAddress("127.0.0.1", port))))) {
      assertThat(millisToOpen(dialer, rails.url())).isGreaterThanOrEqualTo(1_500);
      assertThat(millisToOpen(dialer, rails.url())).isLessThan(1_000);
      assertThat(millisToOpen(dialer, rails.url())).isLessThan(1_000);
    }
  }

  private static CableSettings settings(URI url) {
    return with(Defaults.cable(url), "timeouts.connect", Duration.ofMillis(1_500));
  }

  private static long millisToOpen(JettyCableDialer dialer, URI url) throws InterruptedException {
    RecordingEvents events = new RecordingEvents();
    long start = System.nanoTime();
    dialer.dial(url, List.of(), List.of("actioncable-v1-json"), events);
    assertThat(events.next()).startsWith("opened");
    return (System.nanoTime() - start) / 1_000_000;
  }

  /** Completes no handshake. */
  private static final class BlackHole implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> filling = new ArrayList<>();

    BlackHole(int port) throws IOException {
      server = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"));
      await().until(this::isFull);
    }

    private boolean isFull() throws IOException {
      Socket socket = new Socket();
      filling.add(socket);
      try {
        socket.connect(server.getLocalSocketAddress(), 300);
        return false;
      } catch (SocketTimeoutException e) {
        return true;
      }
    }

    InetSocketAddress address() {
      return (InetSocketAddress) server.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : filling) {
        socket.close();
      }
      server.close();
    }
  }
}
