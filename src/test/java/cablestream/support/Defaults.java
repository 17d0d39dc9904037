package cablestream.support;

import static cablestream.support.Records.with;

import cablestream.cable.CableSettings;
import cablestream.config.Configuration;
import cablestream.config.Sources;
import cablestream.environment.Limits;
import cablestream.http.request.HttpSettings;
import java.net.URI;
import java.util.Map;

/** A bridge's settings if only the server's URL is set. */
public final class Defaults {
  private static final Configuration CONFIGURATION =
      Configuration.read(
          new Sources(Map.of("cablestream.cable.url", "ws://rails/cable"), Map.of(), Map.of()));

  private Defaults() {}

  public static Limits limits() {
    return CONFIGURATION.limits();
  }

  public static HttpSettings http() {
    return CONFIGURATION.http();
  }

  public static CableSettings cable(URI url) {
    return with(CONFIGURATION.cable(), "url", url);
  }
}
