/**
 * A run of many sessions through a bad network, and the account of what came through: {@code
 * ChaosIT} says how to start it.
 *
 * <pre>
 * clients ── FaultProxy ── bridge (in its own process) ── FaultProxy ── NumberingServer
 *    │                                                                        │
 *    └── what each saw ──▶ EventLedger, CommandLedger ◀── what each was given ─┘
 * </pre>
 */
package cablestream.chaos;
