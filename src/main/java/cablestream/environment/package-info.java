/** What all sessions share: their limits, the clock, the account, and the observer. */
package cablestream.environment;
