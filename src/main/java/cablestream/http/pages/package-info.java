/**
 * All that isn't a session: the console, the diagnosis, the browser's script, and what operators
 * ask for.
 */
package cablestream.http.pages;
