/**
 * Several bridges that share sessions: Valkey or Redis stores which of them has a session. A single
 * bridge uses none of it.
 */
package cablestream.cluster;
