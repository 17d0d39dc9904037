package cablestream.config;

/**
 * The configuration is invalid, so the bridge can't start; the message says what to change, and
 * where.
 */
public final class InvalidConfigurationException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigurationException(String message) {
    super(message);
  }
}
