package cablestream.cluster;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The secret that the nodes of one cluster share. Any thread. */
public final class Secret {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  public Secret(String secret) {
    key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /** The text's HMAC (RFC 2104, SHA-256), in base64url. */
  public String mac(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] bytes = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** A name of 32 characters that doesn't reveal the text to anyone without the secret. */
  String hash(String text) {
    return mac(text).substring(0, 32);
  }
}
