package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.InProcessActionCable;
import cablestream.support.PrivateCertificate;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.EventStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cable over TLS with a certificate signed by a private authority; docs/connections.md. */
class PrivateAuthorityIT {
  private static final String ID = "/3f9aa2a4-6a36-4a6c-8c6b-2a3f5d0c9b11";

  @TempDir private Path directory;

  @Test
  void theCableIsReachedWithATruststoreInTheEnvironmentAndNotWithout() throws Exception {
    PrivateCertificate certificate = PrivateCertificate.in(directory);
    try (InProcessActionCable rails = InProcessActionCable.start(certificate.server())) {
      try (StandaloneBridge bridge = start(rails, Map.of())) {
        assertThat(bridge.awaitListening().request("GET", ID).send().status()).isEqualTo(502);
        bridge
            .process()
            .await(0, Pattern.compile("the authority that signed its certificate"), PATIENCE);
      }
      String options =
          "-Djavax.net.ssl.trustStore="
              + certificate.trustStore()
              + " -Djavax.net.ssl.trustStorePassword="
              + PrivateCertificate.PASSWORD;
      try (StandaloneBridge bridge = start(rails, Map.of("JDK_JAVA_OPTIONS", options))) {
        Listening listening = bridge.awaitListening();
        try (EventStream stream =
            listening.request("GET", ID).header("Accept", "text/event-stream").listen()) {
          assertThat(stream.next().data()).contains("\"joined\"");
        }
      }
    }
  }

  private static StandaloneBridge start(
      InProcessActionCable rails, Map<String, String> environment) {
    return StandaloneBridge.start(
        Map.of("cable.url", rails.url().toString(), "http.port", "0"), environment, List.of());
  }
}
