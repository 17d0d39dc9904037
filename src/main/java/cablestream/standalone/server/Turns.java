package cablestream.standalone.server;

import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Has a connection wait behind the others after some requests without a pause, as {@code
 * JettyConnection} does on the other side: Jetty goes on with one for as long as there are requests
 * in it and its client takes the answers, and whoever asks once would wait for all of them. Any
 * thread.
 */
final class Turns extends Handler.Wrapper {
  Turns(Handler handler) {
    super(handler);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (isIn(request)) {
      return super.handle(request, response, callback);
    }
    later(request, () -> handleLater(request, response, callback));
    return true;
  }

  /** For what is answered without having been handled. */
  static void run(Request request, Runnable task) {
    if (isIn(request)) {
      task.run();
    } else {
      later(request, task);
    }
  }

  private static boolean isIn(Request request) {
    return ((WatchedConnection) request.getConnectionMetaData().getConnection()).isInTurn();
  }

  /** Jetty lets the connection alone until this request is answered. */
  private static void later(Request request, Runnable task) {
    request.getComponents().getExecutor().execute(task);
  }

  private void handleLater(Request request, Response response, Callback callback) {
    try {
      if (!super.handle(request, response, callback)) {
        Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
      }
    } catch (Throwable e) {
      Response.writeError(request, response, callback, e);
    }
  }
}
