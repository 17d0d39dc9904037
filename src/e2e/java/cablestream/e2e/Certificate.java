package cablestream.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A new certificate for {@code app.example} and {@code 127.0.0.1}.
 *
 * @param directory holds {@code app.example.pem} and {@code app.example.key}, and {@code
 *     both/app.example.pem} with both in one file, as HAProxy requires
 */
record Certificate(Path directory) {
  private static final String FILE = "app.example.pem";
  private static final String PASSWORD = "changeit";

  /** Creates it in a directory. */
  static Certificate in(Path directory) throws IOException {
    List<String> openssl =
        List.of(
            ("openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
                    + " -subj /CN=app.example -addext subjectAltName=DNS:app.example,IP:127.0.0.1"
                    + " -keyout app.example.key -out app.example.pem")
                .split(" "));
    Process made =
        new ProcessBuilder(openssl).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!Files.exists(directory.resolve(FILE))) {
      throw new AssertionError("openssl made no certificate: " + said);
    }
    Path both = Files.createDirectory(directory.resolve("both"));
    Files.writeString(
        both.resolve(FILE),
        Files.readString(directory.resolve(FILE))
            + Files.readString(directory.resolve("app.example.key")));
    return new Certificate(directory);
  }

  /** The TLS context of a client that trusts it. */
  SSLContext trusted() throws IOException, GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  /** The options of a Java process that trusts it. */
  List<String> trustOptions() throws IOException, GeneralSecurityException {
    Path file = directory.resolve("trusted.p12");
    try (var output = Files.newOutputStream(file)) {
      store().store(output, PASSWORD.toCharArray());
    }
    return List.of(
        "-Djavax.net.ssl.trustStore=" + file, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
  }

  private KeyStore store() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var input = Files.newInputStream(directory.resolve(FILE))) {
      store.setCertificateEntry(
          "site", CertificateFactory.getInstance("X.509").generateCertificate(input));
    }
    return store;
  }
}
