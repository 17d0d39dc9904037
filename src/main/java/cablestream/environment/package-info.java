/** What all sessions share: their bounds, the clock, the account, and who counts what happens. */
package cablestream.environment;
