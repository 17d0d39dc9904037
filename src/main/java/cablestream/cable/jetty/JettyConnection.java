package cablestream.cable.jetty;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;

/**
 * A WebSocket connection that is read on the thread that found it readable. Jetty takes a reader
 * for one that may block, and wakes another thread to watch the other sockets meanwhile: more than
 * a thread switch a frame, and two fifths of the processor time. Ours never blocks, but it could go
 * on for as long as its server has something to say: so after a turn the rest waits its turn.
 */
final class JettyConnection extends WebSocketConnection {
  /** In frames, or parts of them; of up to 4 KiB each, as large as what is read at once. */
  private static final int TURN = 64;

  /** Read without a pause; written on the thread that reads. */
  private volatile int read;

  private final Callback readable =
      new Callback() {
        @Override
        public void succeeded() {
          onFillable();
        }

        @Override
        public void failed(Throwable cause) {
          onFillInterestedFailed(cause);
        }

        @Override
        public InvocationType getInvocationType() {
          return InvocationType.NON_BLOCKING;
        }
      };

  JettyConnection(
      EndPoint endPoint, HttpClient client, ByteBufferPool buffers, WebSocketCoreSession session) {
    super(endPoint, client.getExecutor(), client.getScheduler(), buffers, session);
  }

  /** Whether bytes lie in the socket's own buffer. */
  boolean hasUnread() {
    EndPoint endPoint = getEndPoint();
    while (endPoint instanceof EndPoint.Wrapper) {
      endPoint = ((EndPoint.Wrapper) endPoint).unwrap(); // from TLS to what carries it
    }
    try {
      return endPoint.getTransport() instanceof SocketChannel
          && ((SocketChannel) endPoint.getTransport()).socket().getInputStream().available() > 0;
    } catch (IOException closed) {
      return false;
    }
  }

  @Override
  public void fillInterested() {
    fillInterested(readable);
  }

  @Override
  public void onFillable() {
    read = 0;
    super.onFillable();
  }

  @Override
  public void run() {
    read = 0;
    super.run();
  }

  @Override
  protected void onFrame(Frame.Parsed frame) {
    read = read + 1;
    super.onFrame(frame);
  }

  /**
   * Jetty reads on until there is nothing left, or no demand: at the end of a turn it comes late.
   */
  @Override
  public void demand() {
    if (read < TURN) {
      super.demand();
    } else {
      read = 0;
      getExecutor().execute(super::demand);
    }
  }
}
