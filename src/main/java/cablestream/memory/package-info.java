/**
 * What the bridge holds for others, and what bounds it: whatever a stranger, a caller or the
 * ActionCable server can make it hold is charged before it is held, to whom it is held for and to
 * the whole, and given back when it is gone.
 */
package cablestream.memory;
