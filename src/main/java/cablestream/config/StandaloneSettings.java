package cablestream.config;

import java.time.Duration;

/**
 * What only {@code java -jar cablestream.war} can be told; a servlet container has settings of its
 * own for that.
 *
 * @param host a name or an address of this machine
 * @param port 0 for any that is free
 * @param path the context path; {@code /} for none
 * @param backlog connections that may wait until they are accepted; the kernel may allow fewer
 * @param warmUp how long the process may warm itself up; zero: it doesn't
 * @param goodbye how long a drain may take altogether, the notice included
 */
public record StandaloneSettings(
    String host, int port, String path, int backlog, Duration warmUp, Duration goodbye) {
  /**
   * Reads them, and checks all the other settings with them, before anything is started.
   *
   * @throws InvalidConfigurationException names everything that is invalid
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
