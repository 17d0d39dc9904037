package cablestream.bench;

import cablestream.bench.lab.CommandTarget;
import cablestream.bench.lab.Target;
import cablestream.bench.lab.Variant;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The options of the command line.
 *
 * @param runs how often everything is measured
 * @param other a bridge to measure instead of the containers; null for none
 * @param containers the keys of the containers to measure
 * @param scenarios the keys of the scenarios to run; empty for all
 * @param cablePort of the simulated server; 0 for any free one
 * @param bridgeFlags additional flags for the bridges' virtual machines
 * @param variants of the target {@code jar}
 * @param warm the factor for all warm-up times, 1 or more
 */
record Options(
    int runs,
    OtherBridge other,
    List<String> containers,
    List<String> scenarios,
    int cablePort,
    List<String> bridgeFlags,
    List<Variant> variants,
    int warm) {

  /**
   * A bridge other than ours.
   *
   * @param command that starts it; blank if it runs already
   */
  record OtherBridge(URI url, String command) {
    Target target() {
      return command.isBlank() ? Target.running(url) : new CommandTarget(url, command);
    }
  }

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "--runs", "1",
          "--target", "none",
          "--target-command", "",
          "--containers", "jetty,tomcat",
          "--scenarios", "all",
          "--cable-port", "0",
          "--bridge-flags", "",
          "--variants", "",
          "--warm", "1");

  /**
   * Reads {@code --name value} pairs.
   *
   * @throws IllegalArgumentException if one is unknown
   */
  static Options parse(String... arguments) {
    Map<String, String> given = new HashMap<>(DEFAULTS);
    for (int i = 0; i < arguments.length; i += 2) {
      if (!DEFAULTS.containsKey(arguments[i])) {
        throw new IllegalArgumentException(
            "no option is called " + arguments[i] + "; there are " + DEFAULTS.keySet());
      }
      given.put(arguments[i], i + 1 < arguments.length ? arguments[i + 1] : "");
    }
    String target = given.get("--target");
    String scenarios = given.get("--scenarios");
    return new Options(
        Integer.parseInt(given.get("--runs")),
        target.equals("none")
            ? null
            : new OtherBridge(URI.create(target), given.get("--target-command")),
        list(given.get("--containers"), ","),
        scenarios.equals("all") ? List.of() : list(scenarios, ","),
        Integer.parseInt(given.get("--cable-port")),
        list(given.get("--bridge-flags"), " "),
        Variant.parse(given.get("--variants")),
        atLeastOne(given.get("--warm")));
  }

  private static int atLeastOne(String text) {
    int number = Integer.parseInt(text);
    if (number < 1) {
      throw new IllegalArgumentException("--warm must be a whole number from 1 on");
    }
    return number;
  }

  /** The equivalent Maven command. */
  static String command(String... arguments) {
    StringBuilder command = new StringBuilder("mvn -f src/bench/pom.xml verify");
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      if (!arguments[i + 1].isBlank() && !arguments[i + 1].equals(DEFAULTS.get(arguments[i]))) {
        String property = arguments[i].substring(2).replace('-', '.');
        command.append(" -D").append(property).append('=').append(arguments[i + 1]);
      }
    }
    return command.toString();
  }

  private static List<String> list(String text, String separator) {
    return text.isBlank() ? List.of() : List.of(text.strip().split(separator));
  }
}
