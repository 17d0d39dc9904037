package cablestream.cable.jetty;

import cablestream.cable.CableSocket;
import cablestream.cable.jetty.MessageParts.Added;
import cablestream.memory.Account;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * A WebSocket of Jetty's client, read on demand. It uses Jetty's core API, which passes the bytes
 * of a text without making a String. So this class does what the higher API would do: pongs,
 * fragmented messages, and (in {@code CableLink}, while scanning) the check of UTF-8.
 */
final class JettyCableSocket implements CableSocket, FrameHandler {
  /**
   * How often and how soon a reservation is repeated: in all less than the time after which a cable
   * is stale.
   */
  private static final int ROOM_TRIES = 50;

  private static final int ROOM_MILLIS = 100;

  private final Events events;
  private final Scheduler scheduler;

  /** Not the scheduler's only thread: a message may be long, and much may follow from it. */
  private final Executor threads;

  private final DialNotifications notifications = new DialNotifications();

  /** Whether Jetty has an outstanding demand; it doesn't accept a second one. */
  private final AtomicBoolean reading = new AtomicBoolean();

  private final AtomicBoolean ponging = new AtomicBoolean();
  private final AtomicBoolean hangingUp = new AtomicBoolean();
  private volatile CompletableFuture<CoreSession> dial;
  private volatile CoreSession session;
  private volatile JettyConnection connection;

  /** Nothing is reported any more, except the end. */
  private volatile boolean closing;

  private volatile boolean aborted;

  /** How it ended; null before. */
  private volatile CloseStatus ending;

  private volatile int progress;

  // On the reading thread.
  private final MessageParts parts;
  private final int maxMessage;

  /** The rest of the message is skipped. */
  private boolean skipping;

  JettyCableSocket(
      Events events, int maxMessage, Account account, Scheduler scheduler, Executor threads) {
    this.threads = threads;
    this.events = events;
    this.scheduler = scheduler;
    this.maxMessage = maxMessage;
    parts = new MessageParts(maxMessage, account);
  }

  /** The dial has begun. */
  void dialling(CompletableFuture<CoreSession> dial) {
    this.dial = dial;
    forgetDial();
    dial.whenComplete(
        (opened, failure) -> {
          if (failure != null) {
            failed(failure);
          }
        });
  }

  /** The upgrade is done; {@link #onOpen} follows. */
  void upgraded(JettyConnection connection) {
    this.connection = connection;
  }

  void failed(Throwable failure) {
    if (notifications.failed()) {
      events.unreachable(DialFailure.of(failure).words());
    }
  }

  void refused(int status, String location) {
    if (notifications.failed()) {
      events.refused(status, location);
    }
  }

  @Override
  public void demand() {
    if (reading.compareAndSet(false, true)) {
      readOn();
    }
  }

  @Override
  public void releaseEventRoom() {
    parts.releaseEventRoom();
  }

  @Override
  public void releaseMessageRoom() {
    parts.releaseMessageRoom();
  }

  @Override
  public void send(byte[] text, Consumer<String> done) {
    session.sendFrame(
        new Frame(OpCode.TEXT, ByteBuffer.wrap(text)),
        Callback.from(() -> done.accept(null), failure -> done.accept("the cable is down")),
        false);
  }

  @Override
  public void close(int code, String reason) {
    if (session == null) {
      abort();
    } else if (!closing) {
      closing = true;
      session.close(code, reason, Callback.NOOP);
      demand(); // otherwise the server's answer would never be read
      hangUpSoon();
    }
  }

  @Override
  public void abort() {
    closing = true; // Jetty continues to deliver what it has read, with or without a demand
    aborted = true;
    // Read before the session: the dial is forgotten as soon as there is a session.
    CompletableFuture<CoreSession> begun = dial;
    if (session != null) {
      session.abort();
    } else if (begun != null) {
      begun.completeExceptionally(new CancellationException());
    }
  }

  @Override
  public int progress() {
    return progress;
  }

  @Override
  public boolean hasUnread() {
    return connection != null && connection.hasUnread();
  }

  @Override
  public void onOpen(CoreSession opened, Callback callback) {
    session = opened;
    forgetDial();
    callback.succeeded();
    if (!notifications.opening()) {
      abort();
      return;
    }
    String protocol = opened.getNegotiatedSubProtocol();
    events.opened(protocol == null ? "" : protocol);
    if (!notifications.opened()) {
      reportEnding();
    }
    if (aborted) {
      // Jetty ignores an abort while it is opening.
      abort();
    }
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    switch (frame.getOpCode()) {
      case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> onData(frame, callback);
      case OpCode.PING -> onPing(frame, callback);
      case OpCode.PONG -> {
        callback.succeeded();
        readOn();
      }
      default -> callback.succeeded(); // a close, which Jetty answers
    }
  }

  @Override
  public void onError(Throwable cause, Callback callback) {
    callback.succeeded(); // onClosed follows, or the dial fails
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    callback.succeeded();
    ending = status;
    closing = true;
    parts.close(); // another thread may be adding to them
    hangUpSoon();
    if (notifications.failed()) {
      events.unreachable("given up");
    } else if (notifications.ended()) {
      reportEnding();
    }
  }

  private void reportEnding() {
    String reason = ending.getReason();
    events.closed(ending.getCode(), reason == null ? "" : reason);
  }

  /** Once open: the request and everything it references would live as long as the socket. */
  private void forgetDial() {
    if (session != null) {
      dial = null;
    }
  }

  private void onData(Frame frame, Callback callback) {
    if (frame.getOpCode() != OpCode.CONTINUATION) {
      skipping = false;
    }
    if (frame.getOpCode() == OpCode.BINARY && !closing) {
      callback.succeeded();
      skip(CloseStatus.BAD_DATA, "a binary frame");
    } else {
      add(frame, callback, ROOM_TRIES);
    }
    if (closing) {
      demand(); // the close may have arrived just before the demand was satisfied
    }
  }

  /** Nothing more is read until there is room: the server waits, as for any slow reader. */
  private void add(Frame part, Callback callback, int tries) {
    Added added =
        skipping || closing || !part.hasPayload() && !part.isFin()
            ? Added.YES
            : parts.add(part.getPayload(), part.isFin());
    if (added == Added.NO_ROOM
        && tries > 0
        && later(() -> threads.execute(() -> add(part, callback, tries - 1)), ROOM_MILLIS)) {
      progress = progress + 1; // otherwise it would count as silence
      return;
    }
    callback.succeeded(); // its payload isn't used any more
    switch (added) {
      case YES -> added(part);
      case TOO_LARGE ->
          skip(CloseStatus.MESSAGE_TOO_LARGE, "a frame of more than " + maxMessage + " bytes");
      case NO_ROOM -> {
        parts.clear();
        skip(CloseStatus.MESSAGE_TOO_LARGE, "no memory for a frame");
      }
    }
  }

  private void skip(int fault, String why) {
    skipping = true;
    reading.set(false);
    events.unreadable(fault, why);
  }

  private void added(Frame frame) {
    if (frame.isFin() && !skipping && !closing) {
      reading.set(false);
      byte[] message = parts.take();
      if (message != null) {
        events.text(message);
      }
    } else {
      progress = progress + 1;
      readOn();
    }
  }

  /**
   * Only the latest ping needs its pong (RFC 6455, 5.5.3), so a flood of pings doesn't accumulate.
   */
  private void onPing(Frame ping, Callback callback) {
    byte[] payload = BufferUtil.toArray(ping.getPayload());
    callback.succeeded();
    if (ponging.compareAndSet(false, true)) {
      session.sendFrame(
          new Frame(OpCode.PONG, ByteBuffer.wrap(payload)),
          Callback.from(() -> ponging.set(false)),
          false);
    }
    readOn();
  }

  private void readOn() {
    try {
      session.demand();
    } catch (RejectedExecutionException e) {
      abort(); // the client is being stopped
    }
  }

  /**
   * Cuts the connection of a server that doesn't answer the close or doesn't close the connection.
   */
  private void hangUpSoon() {
    if (hangingUp.compareAndSet(false, true)
        && !later(session::abort, TimeUnit.SECONDS.toMillis(CLOSE_SECONDS))) {
      session.abort();
    }
  }

  /** False if the client is being stopped. */
  private boolean later(Runnable task, long millis) {
    try {
      scheduler.schedule(task, millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }
}
