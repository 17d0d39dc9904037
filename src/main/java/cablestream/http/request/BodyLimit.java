package cablestream.http.request;

/**
 * The largest body of a POST.
 *
 * @param setting the name of the setting
 */
public record BodyLimit(String setting, int bytes) {}
