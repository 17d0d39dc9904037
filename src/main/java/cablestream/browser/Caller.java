package cablestream.browser;

import cablestream.cable.DialRequest;

/**
 * The sender of a request, as far as the bridge knows; protocol section 8.
 *
 * @param origin the request's origin, or the bridge's own if the request names none
 * @param credentials digest of the cookies (except the bridge's own), Authorization, the
 *     application's query, the subprotocols and the configured headers
 * @param browser digest of the bridge's own cookie, which the request has or its response sets;
 *     null if neither
 * @param address the client's address, as far as trusted proxies report it; for IPv6 its /64
 *     network, since one customer has that many addresses
 * @param dial what a dial for this caller sends
 */
public record Caller(
    String origin, Digest credentials, Digest browser, String address, DialRequest dial) {}
