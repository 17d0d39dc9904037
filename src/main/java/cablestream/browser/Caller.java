package cablestream.browser;

import cablestream.cable.DialRequest;

/**
 * Who sends a request, as far as the bridge can tell; protocol section 8.
 *
 * @param origin the request's origin; the bridge's own where the request names none
 * @param credentials digest over cookies (less the bridge's own), Authorization, the application's
 *     query, the subprotocols and the configured headers
 * @param browser digest of the bridge's own cookie, which the request carries or is about to be
 *     given; null where it has none and gets none
 * @param address names the client's address, as far as trusted proxies tell; of IPv6 the network,
 *     since a single customer has as many addresses as there are
 * @param dial what a dial on this caller's behalf sends
 */
public record Caller(
    String origin, Digest credentials, Digest browser, String address, DialRequest dial) {}
