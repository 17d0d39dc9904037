/** The WAR with its real surroundings: a Rails Action Cable server, containers and proxies. */
package cablestream.e2e;
