package cablestream.browser;

/**
 * One entry of a POST's answer.
 *
 * @param chanId null where the command had no identifier that could be read
 * @param error null where it went well
 */
public record CommandResult(String chanId, String sessionId, String error) {}
