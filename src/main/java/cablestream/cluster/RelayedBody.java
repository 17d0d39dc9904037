package cablestream.cluster;

import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * The body of another node's answer. It is read when there is room for it where it goes, so a slow
 * browser holds up the node that has its session, as if it were connected there.
 *
 * <p>One thread at a time pours: either the source's, while it is waited for content, or the
 * sink's, while it is waited for room.
 */
final class RelayedBody implements Answer.Body {
  private final Request request;
  private final Content.Source source;

  /** So that Jetty doesn't look for another thread, which would cost more than what is done. */
  private final Runnable pour =
      Invocable.from(Invocable.InvocationType.NON_BLOCKING, (Runnable) this::pour);

  private Answer.Sink sink;

  RelayedBody(Request request, Content.Source source) {
    this.request = request;
    this.source = source;
  }

  @Override
  public void pour(Answer.Sink to) {
    sink = to;
    // Not yet on this thread: the client's may still be reading the answer's head.
    source.demand(pour);
  }

  @Override
  public void cancel() {
    request.abort(new CancellationException("nobody wants it"));
  }

  @Override
  public void writable() {
    pour();
  }

  private void pour() {
    while (sink.isReady()) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        sink.flush();
        source.demand(pour);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        sink.abort();
        return;
      }
      boolean last = chunk.isLast();
      if (chunk.hasRemaining()) {
        sink.write(bytes(chunk.getByteBuffer()));
      }
      chunk.release();
      if (last) {
        sink.finish();
        return;
      }
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
