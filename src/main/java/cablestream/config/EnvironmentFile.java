package cablestream.config;

import java.io.PrintStream;

/**
 * What {@code java -jar cablestream.war --settings} prints: every setting with its default,
 * commented out, as systemd and containers read environment variables from a file. It becomes the
 * Debian package's {@code /etc/cablestream.env}.
 */
public final class EnvironmentFile {
  private EnvironmentFile() {}

  /**
   * Prints it.
   *
   * @param nothing unused, as {@code CableCheck.print} has such a parameter
   * @return true
   */
  public static boolean print(String nothing, PrintStream out) {
    Settings.GROUPS.forEach(group -> print(group, out));
    print(Settings.OF_PROCESS, out);
    return true;
  }

  private static void print(Settings.Group group, PrintStream out) {
    out.printf("# ==== %s ====%n%n", group.title());
    for (Setting<?> setting : group.settings()) {
      out.printf(
          "# %s%n# Default: %s. Allowed: %s.%n#%s=%s%n%n",
          setting.meaning(),
          setting.fallbackText(),
          setting.allowed(),
          setting.variable(),
          setting.fallback() == null ? "" : setting.fallback());
    }
  }
}
