package cablestream.cable.jetty;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS to the Action Cable server, configured by the JDK's own system properties: {@code
 * javax.net.ssl.trustStore…} for trusted certificates, {@code javax.net.ssl.keyStore…} for the
 * client certificate that a server may require. Jetty itself reads only the first.
 */
final class JettyClientTls {
  private static final String KEY_STORE = "javax.net.ssl.keyStore";

  private JettyClientTls() {}

  /**
   * @throws IllegalArgumentException if the named key store can't be read
   */
  static SslContextFactory.Client factory() {
    SslContextFactory.Client tls = new SslContextFactory.Client();
    String path = System.getProperty(KEY_STORE, "");
    if (!path.isEmpty()) {
      // Not as Jetty's own key store, whose certificates it would also trust.
      tls.setSslContext(context(path));
    }
    return tls;
  }

  /**
   * Not the JDK's default context, which keeps its stores as long as the process lives: a
   * redeployed web application couldn't use another store.
   */
  private static SSLContext context(String path) {
    char[] password = System.getProperty(KEY_STORE + "Password", "").toCharArray();
    try {
      KeyStore store = store(path, password);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s names a key store that can't be read with the password and type given: %s"
              .formatted(KEY_STORE, path),
          e);
    }
  }

  /** By its type if one is given (a token has no file), otherwise detected from its contents. */
  private static KeyStore store(String path, char[] password)
      throws IOException, GeneralSecurityException {
    String type = System.getProperty(KEY_STORE + "Type");
    if (type == null) {
      return KeyStore.getInstance(new File(path), password);
    }
    KeyStore store = KeyStore.getInstance(type);
    try (InputStream file = path.equals("NONE") ? null : new FileInputStream(path)) {
      store.load(file, password);
    }
    return store;
  }
}
