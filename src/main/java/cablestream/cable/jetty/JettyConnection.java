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
 * A WebSocket connection that is read on the thread that found it readable. Jetty assumes that a
 * reader may block, and wakes another thread to watch the other sockets meanwhile: more than a
 * thread switch per frame, and two fifths of the processor time. This reader never blocks, but
 * could continue as long as its server sends: so after a turn the rest waits behind other
 * connections.
 */
final class JettyConnection extends WebSocketConnection {
  /** In frames, or parts of them, of up to 4 KiB each: the size of one read. */
  private static final int TURN = 64;

  /** The number read without a pause; written on the reading thread. */
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

  /** Whether the socket's own buffer has data. */
  boolean hasUnread() {
    EndPoint endPoint = getEndPoint();
    while (endPoint instanceof EndPoint.Wrapper) {
      endPoint = ((EndPoint.Wrapper) endPoint).unwrap(); // from TLS to its carrier
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
   * Jetty reads on until nothing is left, or without a demand: at the end of a turn the demand is
   * delayed.
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
