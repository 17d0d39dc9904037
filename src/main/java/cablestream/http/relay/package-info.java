/**
 * With several nodes: relays a request to the node that has its session, and that node's response
 * to the client.
 */
package cablestream.http.relay;
