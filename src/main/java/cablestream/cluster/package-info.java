/**
 * Several bridges that share sessions: which of them has one is written in Valkey or Redis. Nothing
 * of it is there where there is one bridge.
 */
package cablestream.cluster;
