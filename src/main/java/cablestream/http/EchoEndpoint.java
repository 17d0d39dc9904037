package cablestream.http;

import cablestream.session.Timers;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A WebSocket that leads nowhere, for the page that tries a visitor's network: it greets and pings
 * like an ActionCable server, says again whatever it is told, and after a minute it ends. Only
 * where the container has the WebSocket API.
 */
public final class EchoEndpoint extends Endpoint {
  private static final int MOST_FRAME = 4 * 1024;
  private static final int MOST_TRIALS = 200;
  private static final long PING_MILLIS = 3_000;
  private static final int PINGS = 20;

  private final Timers timers;
  private final Executor pool;
  private final AtomicInteger trials;

  private EchoEndpoint(Timers timers, Executor pool, AtomicInteger trials) {
    this.timers = timers;
    this.pool = pool;
    this.trials = trials;
  }

  /**
   * Registers the endpoint. Only while the web application starts.
   *
   * @param api the container's {@link ServerContainer}, by a type that every container has
   */
  static void register(Object api, Timers timers, Executor pool) {
    ServerContainer container = (ServerContainer) api;
    AtomicInteger trials = new AtomicInteger();
    ServerEndpointConfig.Configurator maker =
        new ServerEndpointConfig.Configurator() {
          @Override
          public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(new EchoEndpoint(timers, pool, trials));
          }
        };
    try {
      container.addEndpoint(
          ServerEndpointConfig.Builder.create(EchoEndpoint.class, Bridge.ECHO_CABLE)
              .subprotocols(List.of("actioncable-v1-json"))
              .configurator(maker)
              .build());
    } catch (DeploymentException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    if (trials.incrementAndGet() > MOST_TRIALS) {
      close(session, CloseReason.CloseCodes.TRY_AGAIN_LATER);
      return;
    }
    session.setMaxTextMessageBufferSize(MOST_FRAME);
    session.addMessageHandler(
        String.class,
        (MessageHandler.Whole<String>) text -> session.getAsyncRemote().sendText(text));
    session.getAsyncRemote().sendText("{\"type\":\"welcome\"}");
    pingLater(session, PINGS);
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    trials.decrementAndGet();
  }

  private void pingLater(Session session, int left) {
    timers.after(PING_MILLIS, () -> pool.execute(() -> ping(session, left)));
  }

  private void ping(Session session, int left) {
    if (!session.isOpen()) {
      return;
    }
    if (left == 0) {
      close(session, CloseReason.CloseCodes.NORMAL_CLOSURE);
    } else {
      long now = System.currentTimeMillis() / 1_000;
      session.getAsyncRemote().sendText("{\"type\":\"ping\",\"message\":" + now + "}");
      pingLater(session, left - 1);
    }
  }

  private static void close(Session session, CloseReason.CloseCode code) {
    try {
      session.close(new CloseReason(code, "the trial is over"));
    } catch (IOException e) {
      // It is closed already, which is what was wanted.
    }
  }
}
