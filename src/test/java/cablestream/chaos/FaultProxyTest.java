package cablestream.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each fault with a server that responds to one byte with one text, and closes. */
class FaultProxyTest {
  private static final String TEXT = "data: ".repeat(2_000) + "漢字".repeat(2_000);

  private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  private final Faults faults = new Faults();
  private FaultProxy proxy;

  FaultProxyTest() throws IOException {
    NumberingServer.start("answers", this::answer);
  }

  @AfterEach
  void close() throws IOException {
    if (proxy != null) {
      proxy.close();
    }
    server.close();
  }

  private void answer() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.getInputStream().read();
        socket.getOutputStream().write(TEXT.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // Its connection had the planned fault.
      }
    }
  }

  /** What arrives; {@code arrived} has it also if the connection is reset afterwards. */
  private String ask(FaultPlan plan, ByteArrayOutputStream arrived) {
    proxy = new FaultProxy("proxy", server.getLocalPort(), random -> plan, new Random(1), faults);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write('?');
      socket.getInputStream().transferTo(arrived);
      return arrived.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void withoutAFaultAllPasses() {
    assertThat(ask(FaultPlan.NONE, new ByteArrayOutputStream())).isEqualTo(TEXT);
    assertThat(faults.total()).isZero();
  }

  @Test
  void splitAndDelayedBytesAreTheSameBytes() {
    assertThat(ask(new FaultPlan(null, 0, 0, true), new ByteArrayOutputStream())).isEqualTo(TEXT);
  }

  @Test
  void aStallEndsAndNothingIsMissing() {
    FaultPlan plan = new FaultPlan(FaultKind.STALLED, 1_000, 100, false);
    assertThat(ask(plan, new ByteArrayOutputStream())).isEqualTo(TEXT);
    assertThat(faults.count(FaultKind.STALLED)).isOne();
  }

  @Test
  void aHalfClosedConnectionEndsWithoutAnError() {
    FaultPlan plan = new FaultPlan(FaultKind.HALF_CLOSED, 1_000, 100, false);
    assertThat(ask(plan, new ByteArrayOutputStream())).isEqualTo(TEXT.substring(0, 1_000));
  }

  @Test
  void aLostAnswerIsReset() {
    ByteArrayOutputStream arrived = new ByteArrayOutputStream();
    assertThatThrownBy(() -> ask(new FaultPlan(FaultKind.ANSWER_LOST, 0, 0, false), arrived))
        .hasCauseInstanceOf(SocketException.class);
    assertThat(arrived.size()).isZero();
  }

  @Test
  void aCutLiesBetweenTheBytesOfACharacter() {
    ByteBuffer bytes = ByteBuffer.wrap(TEXT.getBytes(StandardCharsets.UTF_8));
    for (int from = 12_000; from < 12_100; from++) {
      int cut = FaultLink.withinCharacter(bytes, from);
      assertThat(cut).isBetween(from, from + 1);
      assertThat(new String(bytes.array(), 0, cut, StandardCharsets.UTF_8)).endsWith("\uFFFD");
    }
  }
}
