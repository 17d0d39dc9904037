package cablestream.config;

/** The bridge can't start as it is configured; the message says what to change, and where. */
public final class InvalidConfigurationException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigurationException(String message) {
    super(message);
  }
}
