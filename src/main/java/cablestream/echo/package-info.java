/**
 * Answers the page that tests a visitor's network. Anyone may use it, so it needs little memory,
 * ends soon, and connects to nothing.
 */
package cablestream.echo;
