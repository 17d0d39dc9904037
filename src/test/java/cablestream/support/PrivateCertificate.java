package cablestream.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * A certificate for {@code 127.0.0.1} that no public authority vouches for, made by the JDK's
 * keytool.
 *
 * @param directory where its files are
 */
public record PrivateCertificate(Path directory) {
  /** Of both stores. */
  public static final String PASSWORD = "password";

  /** Makes it, and the store of those who trust it. */
  public static PrivateCertificate in(Path directory) throws IOException, InterruptedException {
    PrivateCertificate made = new PrivateCertificate(directory);
    made.keytool(
        "-genkeypair -alias cable -keyalg EC -dname CN=cable.example -validity 2 -ext san=ip:127.0.0.1"
            + " -storetype PKCS12 -keystore server.p12");
    made.keytool("-exportcert -rfc -alias cable -file ca.pem -keystore server.p12");
    // As docs/operating.md has it.
    made.keytool("-importcert -noprompt -alias cable -file ca.pem -keystore truststore.p12");
    return made;
  }

  /** What those need who trust it: {@code javax.net.ssl.trustStore}. */
  public Path trustStore() {
    return directory.resolve("truststore.p12").toAbsolutePath();
  }

  /** What the server shows. */
  public SslContextFactory.Server server() {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStorePath(directory.resolve("server.p12").toString());
    tls.setKeyStorePassword(PASSWORD);
    return tls;
  }

  private void keytool(String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("-storepass", PASSWORD));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(arguments).isZero();
  }
}
