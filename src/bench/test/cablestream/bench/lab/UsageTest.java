package cablestream.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class UsageTest {
  @Test
  void theProcessorTimeIsThatOfUserAndSystemTogetherInSeconds() {
    String stat = "42 (a) b) (c) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 7 8 20 0 33 0 100 1 2";
    assertThat(Usage.cpuSeconds(stat)).isEqualTo(2.0);
  }

  @Test
  void theMemoryIsWhatIsResidentInBytes() {
    assertThat(Usage.rssBytes("Name:\tjava\nVmHWM:\t  200 kB\nVmRSS:\t  100 kB\n"))
        .isEqualTo(100 * 1024);
  }

  @Test
  void thisProcessUsesSomething() {
    Usage usage = Usage.of(ProcessHandle.current().pid());
    assertThat(usage.cpuSeconds()).isPositive();
    assertThat(usage.rssBytes()).isGreaterThan(1024 * 1024);
  }

  @Test
  void thePortOfThisProcessIsFound() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(PortOwner.of(socket.getLocalPort())).isEqualTo(ProcessHandle.current().pid());
    }
  }
}
