package cablestream.http.request;

import java.util.List;
import java.util.Set;

/** The defaults with one change. */
public final class TestHttpSettings {
  private static final HttpSettings DEFAULTS = HttpSettings.defaults();

  private TestHttpSettings() {}

  public static HttpSettings allowing(Set<String> origins) {
    return with(origins, null, null, List.of());
  }

  static HttpSettings dialling(String host, String origin) {
    return with(Set.of(), host, origin, List.of());
  }

  static HttpSettings forwarding(String... headers) {
    return with(Set.of(), null, null, List.of(headers));
  }

  private static HttpSettings with(
      Set<String> origins, String host, String origin, List<String> headers) {
    return new HttpSettings(
        origins,
        DEFAULTS.trustedProxies(),
        new HttpSettings.Dialling(host, origin, headers, DEFAULTS.dialling().maxForwardedBytes()),
        DEFAULTS.bodies(),
        DEFAULTS.polls(),
        DEFAULTS.pages());
  }
}
