/** Writes responses without blocking: JSON, event streams and polls' answers. */
package cablestream.http.response;
