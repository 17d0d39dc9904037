package cablestream.cable.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.cable.RecordingEvents;
import cablestream.memory.Account;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.InProcessActionCable;
import cablestream.support.PrivateCertificate;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The adapter with TLS. The JVM configures trust and the client's own certificate ({@code
 * javax.net.ssl…}).
 */
class CableTlsIT {
  private static final String OPENED = "opened actioncable-v1-json";

  private final Set<String> properties = new HashSet<>();

  @TempDir static Path directory;
  private static PrivateCertificate certificate;

  @BeforeAll
  static void makeCertificate() throws Exception {
    certificate = PrivateCertificate.in(directory);
  }

  @AfterEach
  void clearProperties() {
    properties.forEach(System::clearProperty);
  }

  @Test
  void aCertificateThatNobodyVouchesForIsNotTrusted() throws Exception {
    try (InProcessActionCable rails = InProcessActionCable.start(certificate.server())) {
      assertThat(dial(rails.url())).isEqualTo(failed(DialFailure.UNKNOWN_AUTHORITY));
    }
  }

  @Test
  void aTruststoreLetsAPrivateAuthoritysServerInUnderItsOwnNameOnly() throws Exception {
    trust(certificate);
    try (InProcessActionCable rails = InProcessActionCable.start(certificate.server())) {
      assertThat(dial(rails.url())).isEqualTo(OPENED);

      URI otherName = URI.create(rails.url().toString().replace("127.0.0.1", "localhost"));
      assertThat(dial(otherName)).isEqualTo(failed(DialFailure.WRONG_NAME));
    }
  }

  @Test
  void aCertificateThatHasExpiredIsCalledSo() throws Exception {
    Path own = Files.createDirectory(directory.resolve("expired"));
    PrivateCertificate expired = PrivateCertificate.expired(own);
    trust(expired);
    try (InProcessActionCable rails = InProcessActionCable.start(expired.server())) {
      assertThat(dial(rails.url())).isEqualTo(failed(DialFailure.EXPIRED));
    }
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.3,it demands a client certificate that it trusts", "TLSv1.2,''"})
  void aServerThatDemandsAClientCertificateGetsTheOneOfTheKeyStore(String version, String words)
      throws Exception {
    trust(certificate);
    SslContextFactory.Server tls = certificate.demandingServer();
    tls.setIncludeProtocols(version);
    try (InProcessActionCable rails = InProcessActionCable.start(tls)) {
      // With TLS 1.2 the JDK's server merely ends the handshake, with varying errors.
      assertThat(dial(rails.url())).startsWith("unreachable ").endsWith(words);

      set("javax.net.ssl.keyStore", certificate.clientStore().toString());
      set("javax.net.ssl.keyStorePassword", PrivateCertificate.PASSWORD);
      assertThat(dial(rails.url())).isEqualTo(OPENED);

      set("javax.net.ssl.keyStoreType", "PKCS12");
      assertThat(dial(rails.url())).isEqualTo(OPENED);
    }
  }

  @Test
  void aServersKeyStoreDoesNotMakeItTrusted() throws Exception {
    set("javax.net.ssl.keyStore", directory.resolve("server.p12").toString());
    set("javax.net.ssl.keyStorePassword", PrivateCertificate.PASSWORD);
    try (InProcessActionCable rails = InProcessActionCable.start(certificate.server())) {
      assertThat(dial(rails.url())).isEqualTo(failed(DialFailure.UNKNOWN_AUTHORITY));
    }
  }

  @Test
  void aKeyStoreThatCannotBeReadStopsOnlyACableOverTls() {
    set("javax.net.ssl.keyStore", directory.resolve("missing.p12").toString());

    assertThatThrownBy(() -> dial(URI.create("wss://127.0.0.1:9/cable")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("javax.net.ssl.keyStore")
        .hasMessageContaining("missing.p12");
    assertThat(dial(URI.create("ws://127.0.0.1:9/cable")))
        .isEqualTo(failed(DialFailure.CONNECTION_REFUSED));
  }

  @Test
  void aServerWithoutTlsIsCalledSo() {
    try (InProcessActionCable rails = InProcessActionCable.start()) {
      URI url = URI.create(rails.url().toString().replace("ws:", "wss:"));
      assertThat(dial(url)).isEqualTo(failed(DialFailure.NO_TLS));
    }
  }

  private void trust(PrivateCertificate trusted) {
    set("javax.net.ssl.trustStore", trusted.trustStore().toString());
    set("javax.net.ssl.trustStorePassword", PrivateCertificate.PASSWORD);
  }

  private void set(String property, String value) {
    System.setProperty(property, value);
    properties.add(property);
  }

  private static String failed(DialFailure failure) {
    return "unreachable " + failure.words();
  }

  private static String dial(URI url) {
    RecordingEvents events = new RecordingEvents();
    try (JettyCableDialer dialer =
        new JettyCableDialer(Defaults.cable(url), new FakeTimers(), Account.ofHeap())) {
      dialer.dial(url, List.of(), List.of("actioncable-v1-json"), events);
      return events.next();
    }
  }
}
