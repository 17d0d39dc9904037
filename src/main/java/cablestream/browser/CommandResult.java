package cablestream.browser;

/**
 * The result of one entry of a POST.
 *
 * @param chanId null if the command had no readable identifier
 * @param error null for success
 */
public record CommandResult(String chanId, String sessionId, String error) {}
