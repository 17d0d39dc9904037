package cablestream.cable.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.CableSettings;
import cablestream.cable.RecordingEvents;
import cablestream.environment.Observer;
import cablestream.memory.Account;
import cablestream.support.FakeTimers;
import cablestream.support.InProcessActionCable;
import cablestream.support.PrivateCertificate;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The adapter over TLS; what is trusted is the JVM's matter ({@code javax.net.ssl.trustStore}). */
class CableTlsIT {
  private static final String STORE = "javax.net.ssl.trustStore";
  private static final String PASSWORD = "javax.net.ssl.trustStorePassword";

  @TempDir Path directory;

  @Test
  void aCertificateThatNobodyVouchesForIsNotTrusted() throws Exception {
    try (InProcessActionCable rails =
        InProcessActionCable.start(PrivateCertificate.in(directory).server())) {
      assertThat(dial(rails.url())).isEqualTo("unreachable no trusted TLS connection");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,opened actioncable-v1-json",
    "localhost,unreachable no trusted TLS connection", // not the name in the certificate
  })
  void aTruststoreLetsAPrivateAuthoritysServerInUnderItsOwnNameOnly(String host, String outcome)
      throws Exception {
    PrivateCertificate certificate = PrivateCertificate.in(directory);
    try (InProcessActionCable rails = InProcessActionCable.start(certificate.server())) {
      System.setProperty(STORE, certificate.trustStore().toString());
      System.setProperty(PASSWORD, PrivateCertificate.PASSWORD);
      URI url = URI.create(rails.url().toString().replace("127.0.0.1", host));
      assertThat(dial(url)).isEqualTo(outcome);
    } finally {
      System.clearProperty(STORE);
      System.clearProperty(PASSWORD);
    }
  }

  private static String dial(URI url) {
    RecordingEvents events = new RecordingEvents();
    try (JettyCableDialer dialer =
        new JettyCableDialer(
            CableSettings.defaults(url), new FakeTimers(), Observer.NOBODY, Account.ofHeap())) {
      dialer.dial(url, List.of(), List.of("actioncable-v1-json"), events);
      return events.next();
    }
  }
}
