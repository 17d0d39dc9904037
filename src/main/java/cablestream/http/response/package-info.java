/**
 * What a request is answered with, without ever blocking: JSON, event streams and the answers of
 * polls.
 */
package cablestream.http.response;
