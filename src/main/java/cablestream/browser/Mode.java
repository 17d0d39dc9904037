package cablestream.browser;

/** What a session speaks; fixed when it opens. */
public enum Mode {
  /** The classic API: events and commands. */
  CHANNELS,
  /** Action Cable's own frames; protocol section 9. */
  TUNNEL
}
