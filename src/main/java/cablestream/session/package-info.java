/**
 * Sessions: which caller may open one, how requests find it, its state, and how it ends. This
 * package uses no servlet, no WebSocket and no JSON library; browsers and servers reach it through
 * the ports {@link cablestream.browser.Listener} and {@link cablestream.cable.Cable}.
 *
 * <p>{@code SessionManager} finds or opens the {@code Session} of a request, {@code
 * SessionRegister} lists all sessions; a {@code Session} receives its requests and the events of
 * its cable and listeners, and ends with a {@code SessionEnding}.
 *
 * <p>Threads: all state belongs to one session and is accessed only inside that session's {@link
 * cablestream.concurrent.Mailbox}. Calls into {@link cablestream.session.SessionManager} come from
 * any thread; calls out to a listener or a cable come from inside the mailbox. Nothing blocks.
 */
package cablestream.session;
