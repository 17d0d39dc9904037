/**
 * Sessions: who may open one, who finds it, what state it is in, and how it ends. It knows no
 * servlet, no WebSocket and no JSON library; browsers and servers reach it through the ports {@link
 * cablestream.browser.Listener} and {@link cablestream.cable.Cable}.
 *
 * <p>Threads: all state belongs to one session and is touched only inside that session's {@link
 * cablestream.concurrent.Mailbox}. Calls into {@link cablestream.session.SessionManager} come from
 * any thread; calls out to a listener or a cable come from inside the mailbox. Nothing blocks.
 */
package cablestream.session;
