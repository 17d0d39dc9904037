/**
 * Several bridges that share sessions: Valkey or Redis stores which of them has a session. A single
 * bridge uses none of it.
 *
 * <p>Why each session is claimed in the store, and its node isn't computed from the list of live
 * nodes (rendezvous hashing):
 *
 * <ul>
 *   <li>A session stays at the node at which its first request arrives, so most streams are served
 *       there. With computed nodes two of three streams would be relayed in a cluster of three, for
 *       as long as they last, and a relayed event takes two and a half times the processor time.
 *   <li>Another node would change which node a session has, and so would the end of one that
 *       drains. Existing sessions would move, or their present nodes be stored: a claim again.
 *   <li>Nodes learn of one another within seconds, not at once. Meanwhile two of them would each
 *       open a session with the same id. The store decides between them in one round trip.
 *   <li>Claims let the load balancer distribute the sessions, and an operator drain one node.
 * </ul>
 *
 * <p>Only while the store is unreachable, the node of a new session is computed. If two nodes have
 * opened it nevertheless, the store decides once it is back.
 *
 * <p>Why ids don't name their node: clients choose the events-id. Only the bridge's own session id
 * could name it, which no first request has and no command of a classic client, so claims would
 * remain. It would spare look-ups, and {@link KnownNodes} spares nearly as many: it remembers the
 * nodes of the sessions that were requested in the last minute.
 */
package cablestream.cluster;
