/**
 * The port to the browser: what a request asks for ({@link cablestream.browser.SessionRequest},
 * {@link cablestream.browser.Command}), and who is told ({@link cablestream.browser.Listener},
 * {@link cablestream.browser.CommandReply}). Its adapters, in {@code cablestream.http}, write event
 * streams, JSON and statuses.
 */
package cablestream.browser;
