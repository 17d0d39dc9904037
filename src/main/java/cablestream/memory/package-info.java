/**
 * What bounds the bridge's memory: whatever a stranger, a client or the Action Cable server can
 * make the bridge keep is charged beforehand, to its session or request and to the whole, and
 * released afterwards.
 */
package cablestream.memory;
