package cablestream.http.request;

import static cablestream.support.Records.with;

import cablestream.support.Defaults;
import java.util.List;
import java.util.Set;

/** The defaults with one change. */
public final class TestHttpSettings {
  private static final HttpSettings DEFAULTS = Defaults.http();

  private TestHttpSettings() {}

  public static HttpSettings allowing(Set<String> origins) {
    return with(DEFAULTS, "allowedOrigins", origins);
  }

  static HttpSettings dialling(String host, String origin) {
    return with(with(DEFAULTS, "dialling.host", host), "dialling.origin", origin);
  }

  static HttpSettings forwarding(String... headers) {
    return with(DEFAULTS, "dialling.forwardedHeaders", List.of(headers));
  }
}
