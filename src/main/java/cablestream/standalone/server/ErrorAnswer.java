package cablestream.standalone.server;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/** Jetty's responses to requests that don't reach the application. Any thread; nothing blocks. */
final class ErrorAnswer {
  /** How long a client may leave one unread. Jetty itself would keep the connection forever. */
  private static final long PATIENCE_MILLIS = 10_000;

  private ErrorAnswer() {}

  /** Answers requests outside the bridge's path; the root redirects to it. */
  static final class NothingHere extends Handler.Abstract.NonBlocking {
    private final String path;

    /**
     * @param path the target of the root's redirect; null for none
     */
    NothingHere(String path) {
      this.path = path;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      if (path != null && "/".equals(request.getHttpURI().getCanonicalPath())) {
        // Relative, as a proxy may have changed the host and the scheme.
        response.getHeaders().put("Location", path + "/");
        response.setStatus(HttpStatus.FOUND_302);
      } else {
        response.setStatus(HttpStatus.NOT_FOUND_404);
      }
      return answer(request, response, callback);
    }
  }

  /** As the bridge itself answers: errors are JSON, never Jetty's page. */
  static boolean answer(Request request, Response response, Callback callback) {
    response.getHeaders().put("Content-Type", "application/json");
    response.getHeaders().put("Cache-Control", "no-store");
    String error = "{\"error\":\"" + HttpStatus.getMessage(response.getStatus()) + "\"}";
    EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
    Scheduler.Task cut =
        request
            .getComponents()
            .getScheduler()
            .schedule(client::close, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    Callback taken = Callback.from(cut::cancel, callback);
    Content.Sink.write(response, true, error, taken);
    return true;
  }
}
