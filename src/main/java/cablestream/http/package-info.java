/**
 * The browser's side: a filter that looks at every request, and three servlets on one URL.
 * Container threads parse and check here; nothing blocks.
 */
package cablestream.http;
