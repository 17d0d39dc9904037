package cablestream.http.response;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cablestream.concurrent.Timers;
import cablestream.http.request.IpAddress;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables as Linux 6.18 wrote them, on a machine that counts from the little end. */
class AcknowledgementsTest {
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  private static final String BRIDGE = "   0: 010200C0:1F90 ";
  private static final String REST = "     0        0 45893 2 00000000d48ce5b4 1600 4 30 10 -1\n";

  @TempDir private Path directory;
  private final ManualExecutor pool = new ManualExecutor();
  private final FakeTimers timers = new FakeTimers(pool);
  private Path table;

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
    assertThat(isSilent("192.0.2.7", 54_321)).as(why).isEqualTo(silent);
    assertThat(isSilent("192.0.2.7", 54_322)).as("another connection").isFalse();
    assertThat(isSilent("192.0.2.8", 54_321)).as("another machine").isFalse();
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
    assertThat(isSilent(address, 54_321)).isTrue();
  }

  @Test
  void whoAnswersAgainIsNotSilentAnyMore() throws IOException {
    String line = BRIDGE + "070200C0:D431 01 00000027:00000000 01:00000A2B ";
    table(line + "00000008" + REST);
    Acknowledgements acknowledgements = open();
    assertThat(asked(acknowledgements, "192.0.2.7", 54_321)).isTrue();
    table(line + "00000000" + REST);
    assertThat(asked(acknowledgements, "192.0.2.7", 54_321)).isFalse();
  }

  /** Where there is too much to do, looking takes a second, and vanished browsers cost most. */
  @Test
  void aBusyMachineLooksEveryTenSecondsStill() throws IOException {
    Timers slow =
        new Timers() {
          private long seconds;

          @Override
          public long nanoTime() {
            return ++seconds * 1_000_000_000;
          }

          @Override
          public Timer after(long milliseconds, Runnable task) {
            return timers.after(milliseconds, task);
          }

          @Override
          public long lateMillis() {
            return 0;
          }
        };
    Acknowledgements acknowledgements = new Acknowledgements(List.of(table), slow, pool);
    String name = name("192.0.2.7", 54_321, 8080);
    acknowledgements.isSilent(name);
    timers.advance(Duration.ofSeconds(5));
    table(BRIDGE + "070200C0:D431 01 00000027:00000000 01:00000A2B 00000006" + REST);
    acknowledgements.isSilent(name);
    timers.advance(Duration.ofSeconds(10));
    assertThat(acknowledgements.isSilent(name)).isTrue();
  }

  @Test
  void nobodyIsCutWhenTheTableCannotBeReadAnyMore() throws IOException {
    table(BRIDGE + "070200C0:D431 01 00000027:00000000 01:00000A2B 00000006" + REST);
    Acknowledgements acknowledgements = open();
    Files.delete(table);
    assertThat(asked(acknowledgements, "192.0.2.7", 54_321)).isFalse();
  }

  @Test
  void aSystemWithoutTheTableIsAskedNothing() {
    new Acknowledgements(List.of(directory.resolve("none")), timers, pool);
    assertThat(timers.pending()).isZero();
  }

  @Test
  void nothingIsReadForNobodyAndNothingGoesOnAfterTheEnd() throws IOException {
    Acknowledgements acknowledgements = open();
    timers.advance(Duration.ofMinutes(1));
    assertThat(timers.pending()).isEqualTo(1);
    acknowledgements.close();
    timers.advance(Duration.ofMinutes(1));
    assertThat(timers.pending()).isZero();
  }

  /** What it is called is what this machine's kernel calls it. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aConnectionHasTheNameThatTheKernelGivesIt() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      String name = name("127.0.0.1", accepted.getPort(), accepted.getLocalPort());
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

  private Acknowledgements open() {
    return new Acknowledgements(List.of(table), timers, pool);
  }

  private boolean isSilent(String address, int port) {
    return asked(open(), address, port);
  }

  /** Asks, waits until the table has been read, and asks again, as heartbeats do. */
  private boolean asked(Acknowledgements acknowledgements, String address, int port) {
    String name = name(address, port, 8080);
    acknowledgements.isSilent(name);
    timers.advance(Duration.ofSeconds(5));
    return acknowledgements.isSilent(name);
  }

  private static String name(String address, int port, int localPort) {
    return Acknowledgements.name(IpAddress.parse(address), port, localPort);
  }
}
