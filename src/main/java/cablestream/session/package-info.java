/**
 * Sessions: who may open one, who finds it, what state it is in, and how it ends. It knows no
 * servlet, no WebSocket and no JSON library; browsers and servers reach it through the ports {@link
 * cablestream.browser.Listener} and {@link cablestream.cable.Cable}.
 *
 * <p>{@code SessionManager} finds or opens the {@code Session} that a request is for, {@code
 * SessionRegister} knows which there are; a {@code Session} hears its requests, its cable and its
 * listeners, and ends by a {@code SessionEnding}.
 *
 * <p>Threads: all state belongs to one session and is touched only inside that session's {@link
 * cablestream.concurrent.Mailbox}. Calls into {@link cablestream.session.SessionManager} come from
 * any thread; calls out to a listener or a cable come from inside the mailbox. Nothing blocks.
 */
package cablestream.session;
