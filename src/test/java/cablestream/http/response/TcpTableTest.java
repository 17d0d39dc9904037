package cablestream.http.response;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cablestream.support.FakeRequest;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables written by Linux 6.18 on a little-endian machine. */
class TcpTableTest {
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  private static final String BRIDGE = "   0: 010200C0:1F90 ";
  private static final String REST = "     0        0 45893 2 00000000d48ce5b4 1600 4 30 10 -1\n";

  @TempDir private Path directory;
  private final ManualExecutor pool = new ManualExecutor();
  private final FakeTimers timers = new FakeTimers(pool);
  private Path table;
  private TcpTable tcpTable;

  @BeforeEach
  void makeTable() throws IOException {
    table = Files.writeString(directory.resolve("tcp"), HEAD);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "01 00000027:00000000 01:00000A2B 00000006|true|six times in vain",
        "01 00000027:00000000 01:00000A2B 00000005|true|five times",
        "01 00000027:00000000 01:00000A2B 00000004|false|four times: a train in a tunnel",
        "01 00000000:00000000 00:00000000 00000000|false|all is acknowledged",
        "01 00010000:00000000 04:00000A2B 00000009|false|it reads nothing, but answers: that is a stall",
        "01 00000000:00000000 02:00000A2B 00000006|false|keep-alive",
        "04 00000027:00000000 01:00000A2B 00000006|false|closed already",
      })
  void silentIsWhoAcknowledgesNothing(String state, boolean silent, String why) throws IOException {
    table(BRIDGE + "070200C0:D431 " + state + REST);
    tcpTable = open();
    assertThat(isSilent("192.0.2.7", 54_321)).as(why).isEqualTo(silent);
    assertThat(isSilent("192.0.2.7", 54_322)).as("another connection").isFalse();
    assertThat(isSilent("192.0.2.8", 54_321)).as("another machine").isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "08 00000000:00000000 00:00000000 00000000|true|it has closed",
        "08 00000027:00000000 01:00000A2B 00000006|true|and acknowledges nothing",
        "01 00000000:00000000 00:00000000 00000000|false|it is open",
        "01 00000027:00000000 01:00000A2B 00000006|false|silent, but open",
        "09 00000000:00000000 00:00000000 00000000|false|this end has closed it, too",
      })
  void closedIsWhatTheOtherEndHasClosed(String state, boolean closed, String why)
      throws IOException {
    table(BRIDGE + "070200C0:D431 " + state + REST);
    tcpTable = open();
    assertThat(isClosed("192.0.2.7", 54_321)).as(why).isEqualTo(closed);
    assertThat(isClosed("192.0.2.7", 54_322)).as("another connection").isFalse();
    assertThat(isClosed("198.51.100.1", 54_321)).as("the address of a proxy's header").isFalse();
    assertThat(isClosed("unknown", 54_321)).as("no address").isFalse();
  }

  @Test
  void whoAsksWhetherItIsClosedKnowsWithinASecond() throws IOException {
    tcpTable = open();
    TcpTable.Connection connection = tcpTable.connection("192.0.2.7", 54_321, 8080);
    timers.advance(Duration.ofMillis(1));
    table(BRIDGE + "070200C0:D431 08 00000000:00000000 00:00000000 00000000" + REST);
    assertThat(connection.isClosedByPeer()).isFalse();
    timers.advance(Duration.ofSeconds(1));
    assertThat(connection.isClosedByPeer()).isTrue();
  }

  /** A request that another node relays has the address of its client, and port 0. */
  @Test
  void aRelayedRequestIsKnownByTheOtherNodesConnection() throws IOException {
    table(BRIDGE + "070200C0:D431 08 00000000:00000000 00:00000000 00000000" + REST);
    tcpTable = open();
    HttpServletRequest relayed =
        new HttpServletRequestWrapper(FakeRequest.aRequest().from("192.0.2.7").build()) {
          @Override
          public String getRemoteAddr() {
            return "203.0.113.1";
          }

          @Override
          public int getRemotePort() {
            return 0;
          }
        };
    assertThat(isClosedAfterAReading(tcpTable.connection(relayed))).isTrue();
    HttpServletRequest again = new HttpServletRequestWrapper(relayed);
    assertThat(isClosedAfterAReading(tcpTable.connection(again))).as("forwarded").isTrue();
  }

  @Test
  void aNewConnectionIsNotTakenForAnEarlierOneWithItsPorts() throws IOException {
    table(BRIDGE + "070200C0:D431 08 00000000:00000000 00:00000000 00000000" + REST);
    tcpTable = open();
    assertThat(isClosed("192.0.2.7", 54_321)).isTrue();
    assertThat(tcpTable.connection("192.0.2.7", 54_321, 8080).isClosedByPeer()).isFalse();
  }

  /** Of the connection from 192.0.2.7, port 54321 (D431), to the bridge's port 8080 (1F90). */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "070200C0:D432|192.0.2.7|54321|true|another one of its address is there, it isn't",
        "070200C0:D431|192.0.2.7|54321|false|it is there",
        "080200C0:D432|192.0.2.7|54321|false|its address is perhaps that of a header",
        "070200C0:D432,080200C0:D431|192.0.2.7|54321|false|a header's address, at a proxy's port",
        "0000000000000000FFFF0000070200C0:D432|192.0.2.7|54321|true|a socket for both protocols",
        "B80D0120000000000000000001000000:D432|2001:db8::1|54321|true|IPv6",
        "B80D0120000000000000000001000000:D431|2001:db8::1|54321|false|IPv6, and it is there",
        "070200C0:D432|192.0.2.7|0|false|no port",
        "070200C0:D432|192.0.2.7|-1|false|no port: a UNIX socket",
        "070200C0:D432|unknown|54321|false|no address",
      })
  void resetIsWhatIsMissingTwiceWhileItsAddressIsThere(
      String remotes, String address, int port, boolean reset, String why) throws IOException {
    table(connections(remotes.split(",")));
    tcpTable = open();
    TcpTable.Connection connection = tcpTable.connection(address, port, 8080);
    assertThat(isClosedAfterAReading(connection)).as(why).isFalse();
    assertThat(isClosedAfterAReading(connection)).as(why).isEqualTo(reset);
  }

  /** If the server guarantees that the address isn't a header's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "080200C0:D432|192.0.2.7|true|another address is there, it isn't",
        "080200C0:D432,070200C0:D431|192.0.2.7|false|it is there",
        "''|192.0.2.7|false|the table has no connection to the bridge",
      })
  void resetIsWhatIsMissingTwiceIfItsAddressIsItsOwn(
      String remotes, String address, boolean reset, String why) throws IOException {
    table(remotes.isEmpty() ? "" : connections(remotes.split(",")));
    tcpTable = open(true);
    TcpTable.Connection connection = tcpTable.connection(address, 54_321, 8080);
    assertThat(isClosedAfterAReading(connection)).as(why).isFalse();
    assertThat(isClosedAfterAReading(connection)).as(why).isEqualTo(reset);
  }

  @Test
  void aConnectionThatOneReadingLacksIsNotReset() throws IOException {
    tcpTable = open();
    TcpTable.Connection connection = tcpTable.connection("192.0.2.7", 54_321, 8080);
    for (int i = 0; i < 3; i++) {
      table(connections("070200C0:D432"));
      assertThat(isClosedAfterAReading(connection)).isFalse();
      table(connections("070200C0:D432", "070200C0:D431"));
      assertThat(isClosedAfterAReading(connection)).isFalse();
    }
  }

  @Test
  void aTableThatCouldNotBeReadSaysNothingOfResets() throws IOException {
    tcpTable = open();
    TcpTable.Connection connection = tcpTable.connection("192.0.2.7", 54_321, 8080);
    for (int i = 0; i < 3; i++) {
      table(connections("070200C0:D432"));
      assertThat(isClosedAfterAReading(connection)).isFalse();
      Files.delete(table);
      assertThat(isClosedAfterAReading(connection)).isFalse();
    }
  }

  @Test
  void aConnectionIsInNoReadingFromBeforeIt() throws IOException {
    table(connections("070200C0:D432"));
    tcpTable = open();
    TcpTable.Connection earlier = tcpTable.connection("192.0.2.7", 54_320, 8080);
    isClosedAfterAReading(earlier);
    isClosedAfterAReading(earlier);
    TcpTable.Connection connection = tcpTable.connection("192.0.2.7", 54_321, 8080);
    assertThat(connection.isClosedByPeer()).isFalse();
    assertThat(isClosedAfterAReading(connection)).isFalse();
    assertThat(isClosedAfterAReading(connection)).isTrue();
  }

  /** A proxy on the same machine has its own connections in the same table. */
  @Test
  void connectionsToOtherPortsThanTheBridgesSayNothing() throws IOException {
    String elsewhere =
        "   0: 010200C0:01BB 070200C0:D4%d 01 00000000:00000000 00:00000000 00000000";
    table(elsewhere.formatted(31) + REST + connections("070200C0:D432"));
    tcpTable = open();
    TcpTable.Connection connection = tcpTable.connection("192.0.2.7", 54_321, 8080);
    isClosedAfterAReading(connection);
    assertThat(isClosedAfterAReading(connection)).as("its port is another one's").isTrue();
    table(elsewhere.formatted(32) + REST);
    tcpTable.connection("192.0.2.7", 54_322, 443); // by another connector
    isClosedAfterAReading(connection);
    assertThat(isClosedAfterAReading(connection)).as("its address is there elsewhere").isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000FFFF0000070200C0, 192.0.2.7",
    "B80D0120000000000000000001000000, 2001:db8::1",
    "B80D0120000000000000000001000000, [2001:db8::1%eth0]",
  })
  void aSocketForBothProtocolsIsInTheOtherTable(String written, String address) throws IOException {
    table(
        "   9: 0000000000000000FFFF0000010200C0:1F90 "
            + written
            + ":D431 01 00000027:00000000 01:00000A2B 00000006"
            + REST);
    tcpTable = open();
    assertThat(isSilent(address, 54_321)).isTrue();
  }

  @Test
  void whoAnswersAgainIsNotSilentAnyMore() throws IOException {
    String line = BRIDGE + "070200C0:D431 01 00000027:00000000 01:00000A2B ";
    table(line + "00000008" + REST);
    tcpTable = open();
    assertThat(isSilent("192.0.2.7", 54_321)).isTrue();
    table(line + "00000000" + REST);
    assertThat(isSilent("192.0.2.7", 54_321)).isFalse();
  }

  @Test
  void aLargeTableIsReadLessOften() throws IOException {
    AtomicLong processorTime = new AtomicLong();
    tcpTable =
        new TcpTable(
            List.of(table), timers, pool, () -> processorTime.addAndGet(1_000_000_000), false);
    TcpTable.Connection connection = tcpTable.connection("192.0.2.7", 54_321, 8080);
    connection.isClosedByPeer();
    timers.advance(Duration.ofSeconds(1));
    table(BRIDGE + "070200C0:D431 08 00000000:00000000 00:00000000 00000000" + REST);
    connection.isClosedByPeer();
    timers.advance(Duration.ofMillis(9_999));
    assertThat(connection.isClosedByPeer()).isFalse();
    timers.advance(Duration.ofMillis(1));
    assertThat(connection.isClosedByPeer()).isTrue();
  }

  @Test
  void nobodyIsCutWhenTheTableCannotBeReadAnyMore() throws IOException {
    table(BRIDGE + "070200C0:D431 01 00000027:00000000 01:00000A2B 00000006" + REST);
    tcpTable = open();
    Files.delete(table);
    assertThat(isSilent("192.0.2.7", 54_321)).isFalse();
  }

  @Test
  void aSystemWithoutTheTableIsAskedNothing() {
    new TcpTable(List.of(directory.resolve("none")), timers, pool, () -> 0, false);
    assertThat(timers.pending()).isZero();
  }

  @Test
  void nothingIsReadForNobodyAndNothingGoesOnAfterTheEnd() throws IOException {
    tcpTable = open();
    assertThat(timers.pending()).isZero();
    TcpTable.Connection connection = tcpTable.connection("192.0.2.7", 54_321, 8080);
    connection.isClosedByPeer();
    connection.isSilent();
    assertThat(timers.pending()).isEqualTo(1);
    timers.advance(Duration.ofMinutes(1));
    assertThat(timers.pending()).isZero();
    connection.isSilent();
    tcpTable.close();
    timers.advance(Duration.ofMinutes(1));
    assertThat(timers.pending()).isZero();
  }

  /** The name that this machine's kernel uses. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aConnectionHasTheNameThatTheKernelGivesIt() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      String name = TcpTable.name("127.0.0.1", accepted.getPort(), accepted.getLocalPort());
      String remote = name.substring(0, name.indexOf(' '));
      String localPort = ":" + name.substring(name.indexOf(' ') + 1) + " ";
      String tables =
          Files.readString(Path.of("/proc/self/net/tcp"))
              + Files.readString(Path.of("/proc/self/net/tcp6"));
      assertThat(tables.lines()).anyMatch(l -> l.contains(localPort) && l.contains(remote + " 01"));
      assertThat(client.isConnected()).isTrue();
    }
  }

  private void table(String lines) throws IOException {
    assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    Files.writeString(table, HEAD + lines);
  }

  /** Lines of open connections to the bridge. */
  private static String connections(String... remotes) {
    return Stream.of(remotes)
        .map(it -> BRIDGE + it + " 01 00000000:00000000 00:00000000 00000000" + REST)
        .collect(Collectors.joining());
  }

  private boolean isClosedAfterAReading(TcpTable.Connection connection) {
    connection.isClosedByPeer();
    timers.advance(Duration.ofSeconds(1));
    return connection.isClosedByPeer();
  }

  private TcpTable open() {
    return open(false);
  }

  private TcpTable open(boolean unaltered) {
    return new TcpTable(List.of(table), timers, pool, () -> 0, unaltered);
  }

  /** Looks up, waits until the table has been read, and looks up again, as heartbeats do. */
  private boolean isSilent(String address, int port) {
    TcpTable.Connection connection = tcpTable.connection(address, port, 8080);
    connection.isSilent();
    timers.advance(Duration.ofSeconds(5));
    return connection.isSilent();
  }

  /** The same, as dials do when their turn comes. */
  private boolean isClosed(String address, int port) {
    return isClosedAfterAReading(tcpTable.connection(address, port, 8080));
  }
}
