package cablestream.http.response;

import cablestream.concurrent.Fault;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.WriteListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the container says of a response; its last word is obeyed before it gets its thread back.
 * Nothing is thrown at it: it would log the request's path, which names the session.
 */
record ContainerCallbacks(AsyncResponse response) implements WriteListener, AsyncListener {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerCallbacks.class);

  @Override
  public void onWritePossible() {
    try {
      response.onWritePossible();
    } catch (Throwable fault) {
      failed(fault);
    }
  }

  @Override
  public void onError(Throwable failure) {
    try {
      response.onError();
    } catch (Throwable fault) {
      failed(fault);
    }
  }

  @Override
  public void onError(AsyncEvent event) {
    ended();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    ended();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    ended();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // Nothing starts a second time.
  }

  private void ended() {
    try {
      response.onEnd();
    } catch (Throwable fault) {
      failed(fault);
    }
  }

  private void failed(Throwable fault) {
    Fault.tell(LOG, "event=request_failed", fault);
    response.abort();
  }
}
