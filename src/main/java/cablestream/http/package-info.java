/**
 * The HTTP side for browsers: a filter that handles every request, and three servlets on one URL.
 * Container threads parse and validate here; nothing blocks.
 */
package cablestream.http;
