/**
 * Where there are several nodes: a request goes to the one that has its session, and that node's
 * answer comes back the same way.
 */
package cablestream.http.relay;
