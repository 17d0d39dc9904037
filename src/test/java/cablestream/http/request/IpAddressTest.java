package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.Defaults;
import cablestream.support.FakeRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "0:0:0:0:0:0:0:1, ::1",
    "[0:0:0:0:0:0:0:1], ::1",
    "fe80:0:0:0:1:2:3:4%eth0, fe80::1:2:3:4",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "1:0:0:0:0:0:0:0, 1::",
    "0:0:0:0:0:0:0:0, ::",
    "::ffff:192.0.2.1, 192.0.2.1",
    "192.0.2.1, 192.0.2.1",
    "unknown, unknown"
  })
  void anAddressIsWrittenAsOthersWriteIt(String java, String canonical) {
    assertThat(IpAddress.canonical(java)).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "999.9.9.9",
        "888.8.8.8",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "010.0.0.1",
        "0x7f.0.0.1",
        "2130706433",
        "1.2.3.4 ",
        "1.2.3.-4",
        "١.2.3.4",
        "",
        ":",
        ":::",
        "::1::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8:9",
        "1::2:3:4:5:6:7:8",
        ":1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        "12345::",
        "g::1",
        "::1.2.3",
        "::1.2.3.4:5",
        "1.2.3.4::",
        "::256.1.1.1",
        "1:2:3:4:5:6:7:1.2.3.4",
        "[::1",
        "localhost",
        "a.b.c.d",
      })
  void whatIsNoAddressIsNone(String text) {
    assertThat(IpAddress.parse(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "127.0.0.1, 127.0.0.1",
    "::ffff:10.0.0.1, 10.0.0.1",
    "::FFFF:0a00:0001, 10.0.0.1",
    "[::1], 0:0:0:0::/64",
    "fe80::1%eth0, fe80:0:0:0::/64",
    "1:2:3:4:5:6:7:8, 1:2:3:4::/64",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4::/64",
    "1:2:3:4::, 1:2:3:4::/64",
    "1:2:3:4:5:6:7::, 1:2:3:4::/64",
    "::2:3:4:5:6:7:8, 0:2:3:4::/64",
    "2001:DB8:0:ffff::9, 2001:db8:0:ffff::/64",
  })
  void anAddressIsInANetwork(String text, String network) {
    assertThat(IpAddress.parse(text).network()).isEqualTo(network);
  }

  /** A customer has at least a /64, and can use any address in it at no cost. */
  @Test
  void theSessionsOfAnIpv6NetworkAreCountedTogether() {
    assertThat(countedAs("2001:db8:1:2::1")).isEqualTo(countedAs("2001:db8:1:2:ffff::7"));
    assertThat(countedAs("2001:db8:1:2::1")).isNotEqualTo(countedAs("2001:db8:1:3::1"));
    assertThat(countedAs("203.0.113.1")).isNotEqualTo(countedAs("203.0.113.2"));
    assertThat(countedAs("203.0.113.1")).isEqualTo(countedAs("::ffff:203.0.113.1"));
  }

  private static String countedAs(String realIp) {
    return new Callers(Defaults.http())
        .arrival(
            FakeRequest.aRequest().from("127.0.0.1").header("X-Real-IP", realIp).build(),
            "",
            "",
            List.of(),
            false)
        .caller()
        .address();
  }

  /**
   * The JDK reads a hosts file for all names only if set at its start, so this runs in a child
   * process.
   */
  @Test
  void nobodyIsAskedWhatIsNotQuiteAnAddress(@TempDir Path directory) throws Exception {
    Path hosts = directory.resolve("hosts");
    Files.writeString(hosts, "127.0.0.1 999.9.9.9 888.8.8.8 ::g 1:2\n");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.net.hosts.file=" + hosts,
                "-cp",
                System.getProperty("java.class.path"),
                WhoIsTrusted.class.getName(),
                "999.9.9.9",
                "888.8.8.8",
                "::g",
                "1:2",
                "127.0.0.1")
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(said.strip()).isEqualTo("false false false false true");
  }

  /** The child process of the test above: prints whether each argument is a trusted proxy. */
  static final class WhoIsTrusted {
    private WhoIsTrusted() {}

    public static void main(String[] addresses) {
      List<String> answers =
          Stream.of(addresses)
              .map(address -> String.valueOf(TrustedProxies.DEFAULT.contains(address)))
              .toList();
      System.out.println(String.join(" ", answers));
    }
  }

  @Test
  void noCodeThatSeesRequestsKnowsTheNameService() throws IOException {
    for (String room : List.of("http", "session")) {
      try (Stream<Path> files = Files.walk(Path.of("src/main/java/cablestream", room))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          assertThat(Files.readString(file))
              .as(file.toString())
              .doesNotContain("InetAddress")
              .doesNotContain("InetSocketAddress")
              .doesNotContain("getRemoteHost");
        }
      }
    }
  }
}
