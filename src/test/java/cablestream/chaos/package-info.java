/**
 * Runs of many sessions through a faulty network, and the records of what arrived: {@code ChaosIT}
 * describes how to start one.
 *
 * <pre>
 * clients ── FaultProxy ── bridge (in its own process) ── FaultProxy ── NumberingServer
 *    │                                                                        │
 *    └── what each saw ──▶ EventLedger, CommandLedger ◀── what each was given ─┘
 * </pre>
 */
package cablestream.chaos;
