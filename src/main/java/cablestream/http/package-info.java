/**
 * The browser's side: a filter that looks at every request, three servlets on one URL, and the
 * listeners that they attach to a session. Container threads parse and check here; nothing blocks.
 */
package cablestream.http;
