package cablestream;

/**
 * Where {@code java -jar cablestream.war} listens; a servlet container has settings of its own for
 * that.
 *
 * @param host a name or an address of this machine
 * @param port 0 for any that is free
 * @param path the context path; {@code /} for none
 */
public record HttpAddress(String host, int port, String path) {
  /**
   * Reads it, and checks all the other settings with it, before anything is started.
   *
   * @throws InvalidConfigurationException says what can't be
   */
  public static HttpAddress ofProcess() {
    return read(Sources.ofProcess());
  }

  static HttpAddress read(Sources sources) {
    SettingReader reader = Configuration.checked(sources, Settings.STANDALONE);
    return new HttpAddress(
        reader.value(Settings.HTTP_HOST),
        reader.value(Settings.HTTP_PORT),
        reader.value(Settings.HTTP_PATH));
  }
}
