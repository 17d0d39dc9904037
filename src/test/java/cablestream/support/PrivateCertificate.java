package cablestream.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * A certificate for {@code 127.0.0.1}, signed by a private authority, made by the JDK's keytool.
 *
 * @param directory of its files
 */
public record PrivateCertificate(Path directory) {
  /** Of both stores. */
  public static final String PASSWORD = "password";

  /** Creates the certificate and the trust store of its clients. */
  public static PrivateCertificate in(Path directory) throws IOException, InterruptedException {
    return made(directory, "-validity 2 -ext san=ip:127.0.0.1");
  }

  /** One that was valid until two days ago. */
  public static PrivateCertificate expired(Path directory)
      throws IOException, InterruptedException {
    return made(directory, "-startdate -3d -validity 1 -ext san=ip:127.0.0.1");
  }

  /** One for another host name. */
  public static PrivateCertificate ofAnotherName(Path directory)
      throws IOException, InterruptedException {
    return made(directory, "-validity 2 -ext san=dns:elsewhere.example");
  }

  private static PrivateCertificate made(Path directory, String options)
      throws IOException, InterruptedException {
    PrivateCertificate made = new PrivateCertificate(directory);
    made.keyPair("ca", "-startdate -4d -validity 9 -ext bc:c", "ca.p12");
    made.keyPair("cable", "-validity 9", "server.p12");
    made.trust("ca", "ca.p12", "server.p12");
    made.keytool("-certreq -alias cable -file cable.csr -keystore server.p12");
    made.keytool(
        "-gencert -rfc -alias ca -infile cable.csr -outfile cable.pem -keystore ca.p12 " + options);
    made.keytool("-importcert -alias cable -file cable.pem -keystore server.p12");
    made.trust("ca", "ca.p12", "truststore.p12");
    return made;
  }

  /** The clients' trust store: {@code javax.net.ssl.trustStore}. */
  public Path trustStore() {
    return directory.resolve("truststore.p12").toAbsolutePath();
  }

  /** The configuration of a server with this certificate. */
  public SslContextFactory.Server server() {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStorePath(directory.resolve("server.p12").toString());
    tls.setKeyStorePassword(PASSWORD);
    return tls;
  }

  /**
   * A server with this certificate that requires the client certificate of {@link #clientStore}.
   */
  public SslContextFactory.Server demandingServer() throws IOException, InterruptedException {
    if (!Files.exists(clientStore())) {
      keyPair("client", "-validity 2", "client.p12");
      trust("client", "client.p12", "clients.p12");
    }
    SslContextFactory.Server tls = server();
    tls.setTrustStorePath(directory.resolve("clients.p12").toString());
    tls.setTrustStorePassword(PASSWORD);
    tls.setNeedClientAuth(true);
    return tls;
  }

  /**
   * The key store that a client of the {@link #demandingServer} needs: {@code
   * javax.net.ssl.keyStore}.
   */
  public Path clientStore() {
    return directory.resolve("client.p12").toAbsolutePath();
  }

  private void keyPair(String name, String options, String store)
      throws IOException, InterruptedException {
    keytool(
        "-genkeypair -alias %s -keyalg EC -dname CN=%1$s.example %s -storetype PKCS12 -keystore %s"
            .formatted(name, options, store));
  }

  private void trust(String name, String from, String store)
      throws IOException, InterruptedException {
    String certificate = name + ".pem";
    keytool("-exportcert -rfc -alias %s -file %s -keystore %s".formatted(name, certificate, from));
    // The commands of docs/connections.md.
    keytool(
        "-importcert -noprompt -alias %s -file %s -keystore %s"
            .formatted(name, certificate, store));
  }

  private void keytool(String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    // Half the time of such a short process would go into the second compiler.
    command.add("-J-XX:TieredStopAtLevel=1");
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
