package cablestream.http.pages;

import cablestream.concurrent.Mailbox;
import cablestream.echo.EchoTrial;
import cablestream.echo.EchoTrials;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * An {@link EchoTrial} over a WebSocket, for the page that tests a visitor's network. Only if the
 * container has the WebSocket API.
 */
public final class EchoEndpoint extends Endpoint implements EchoTrial.Visitor {
  private static final long SEND_MILLIS = 10_000;

  private final EchoTrials trials;
  private final String network;
  private final Mailbox mailbox;

  private volatile Session session;

  /** Inside the mailbox; null if there was no room. */
  private EchoTrial trial;

  private EchoEndpoint(EchoTrials trials, Executor pool, String network) {
    this.trials = trials;
    this.network = network;
    mailbox = new Mailbox(pool);
  }

  /**
   * Upgrades a request, by the container's API instead of a mapping: Jetty would handle a mapping
   * before any filter, and without access to the request.
   *
   * @param api the container's {@link ServerContainer}, as a type that every container has
   * @param network the visitor's network
   */
  static void upgrade(
      Object api,
      EchoTrials trials,
      Executor pool,
      String network,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    ServerEndpointConfig.Configurator maker =
        new ServerEndpointConfig.Configurator() {
          @Override
          public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(new EchoEndpoint(trials, pool, network));
          }
        };
    ServerEndpointConfig config =
        ServerEndpointConfig.Builder.create(EchoEndpoint.class, Pages.ECHO_CABLE)
            .subprotocols(List.of("actioncable-v1-json"))
            .configurator(maker)
            .build();
    try {
      ((ServerContainer) api).upgradeHttpToWebSocket(request, response, config, Map.of());
    } catch (DeploymentException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void onOpen(Session opened, EndpointConfig config) {
    opened.setMaxTextMessageBufferSize(EchoTrial.MAX_FRAME);
    opened.getAsyncRemote().setSendTimeout(SEND_MILLIS);
    opened.addMessageHandler(String.class, (MessageHandler.Whole<String>) this::received);
    session = opened;
    mailbox.run(
        () -> {
          trial = trials.begin(mailbox, this, network);
          if (trial == null) {
            ended(EchoTrials.TOO_MANY);
          } else {
            trial.ready();
          }
        });
  }

  @Override
  public void onClose(Session closed, CloseReason reason) {
    mailbox.run(
        () -> {
          if (trial != null) {
            trial.leave();
          }
        });
  }

  @Override
  public void send(byte[] frame) {
    // Sends the next one once the container has accepted this one: unread frames wait in the trial,
    // where they are bounded.
    session
        .getAsyncRemote()
        .sendText(
            new String(frame, StandardCharsets.UTF_8),
            result -> {
              if (result.isOK()) {
                mailbox.run(trial::ready);
              } else {
                ended("the visitor doesn't read");
              }
            });
  }

  @Override
  public void ended(String reason) {
    CloseReason.CloseCode code =
        reason.equals(EchoTrials.TOO_MANY)
            ? CloseReason.CloseCodes.TRY_AGAIN_LATER
            : CloseReason.CloseCodes.NORMAL_CLOSURE;
    trials.later(
        () -> {
          try {
            session.close(new CloseReason(code, reason));
          } catch (IOException e) {
            // It is closed already.
          }
        });
  }

  private void received(String text) {
    byte[] frame = text.getBytes(StandardCharsets.UTF_8);
    mailbox.run(
        () -> {
          if (trial != null) {
            trial.received(frame);
          }
        });
  }
}
