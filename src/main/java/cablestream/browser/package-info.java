/**
 * The port to the browser: requests ({@link cablestream.browser.SessionRequest}, {@link
 * cablestream.browser.Command}), and the receivers of their outcomes ({@link
 * cablestream.browser.Listener}, {@link cablestream.browser.CommandReply}). Its adapters, in {@code
 * cablestream.http}, write event streams, JSON and statuses.
 */
package cablestream.browser;
