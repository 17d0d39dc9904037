/**
 * What answers the page that tries a visitor's network. Strangers may use it, so it holds little,
 * for a short time, and leads nowhere.
 */
package cablestream.echo;
