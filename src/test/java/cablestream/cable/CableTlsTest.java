package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.session.Observer;
import cablestream.support.FakeTimers;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The adapter over TLS; what is trusted is the JVM's matter ({@code javax.net.ssl.trustStore}). */
class CableTlsTest {
  @TempDir Path directory;

  @Test
  void aCertificateThatNobodyVouchesForIsNotTrusted() throws Exception {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStorePath(selfSigned().toString());
    tls.setKeyStorePassword("password");
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server, tls);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.start();
    URI url = URI.create("wss://127.0.0.1:" + connector.getLocalPort() + "/cable");
    RecordingEvents events = new RecordingEvents();
    try (JettyCableDialer dialer =
        new JettyCableDialer(CableSettings.defaults(url), new FakeTimers(), Observer.NOBODY)) {
      dialer.dial(url, List.of(), List.of("actioncable-v1-json"), events);
      assertThat(events.next()).isEqualTo("unreachable no trusted TLS connection");
    } finally {
      server.stop();
    }
  }

  private Path selfSigned() throws Exception {
    Path store = directory.resolve("self-signed.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                (keytool
                        + " -genkeypair -alias cable -keyalg EC -dname CN=localhost -validity 2"
                        + " -ext san=ip:127.0.0.1 -storetype PKCS12 -storepass password -keystore "
                        + store)
                    .split(" "))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return store;
  }
}
