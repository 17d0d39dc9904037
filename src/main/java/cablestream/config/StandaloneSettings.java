package cablestream.config;

import java.time.Duration;

/**
 * The settings of {@code java -jar cablestream.war} only; a servlet container has its own for these
 * purposes.
 *
 * @param host a name or an address of this machine
 * @param port 0 for any free port
 * @param path the context path; {@code /} for none
 * @param backlog connections that may wait to be accepted; the kernel may allow fewer
 * @param warmUp the longest warm-up; zero turns it off
 * @param drainLimit the time limit of a drain, including the notice
 */
public record StandaloneSettings(
    String host, int port, String path, int backlog, Duration warmUp, Duration drainLimit) {
  /**
   * Reads them, and validates all other settings too, before anything is started.
   *
   * @throws InvalidConfigurationException names every problem
   */
  public static StandaloneSettings ofProcess() {
    return read(Sources.ofProcess());
  }

  static StandaloneSettings read(Sources sources) {
    SettingReader reader = Configuration.checked(sources, Settings.OF_PROCESS.settings());
    return new StandaloneSettings(
        reader.value(Settings.HTTP_HOST),
        reader.value(Settings.HTTP_PORT),
        reader.value(Settings.HTTP_PATH),
        reader.value(Settings.HTTP_BACKLOG),
        reader.value(Settings.WARM_UP),
        reader.value(Settings.DRAIN_NOTICE).plus(reader.value(Settings.DRAIN_TIMEOUT)));
  }
}
