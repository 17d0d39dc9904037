package cablestream.http.pages;

import cablestream.cluster.Cluster;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import cablestream.metrics.Exposition;
import cablestream.session.SessionManager;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints for machines: {@code /-/health} and {@code /-/ready}, which are public, {@code
 * /-/metrics} and {@code /-/drain}, which need the operator's token.
 */
public final class OperatorServlet extends PageServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(OperatorServlet.class);

  private static final String DRAIN = "/-/drain";
  private static final String READY = "ready";

  /** Longer than a full garbage collection delays a healthy process. */
  private static final long MAX_LATE_MILLIS = 5_000;

  /** The body of {@code /-/health}. */
  public record HealthBody(String status) {}

  /** The body of {@code /-/ready}. */
  @JsonbPropertyOrder({"status", "cable", "cluster", "node"})
  public record ReadyBody(String status, String cable, String cluster, String node) {}

  @Override
  void read(HttpServletRequest request, NonBlockingResponse response) throws IOException {
    switch (request.getServletPath()) {
      case "/-/health" -> sendHealth(response);
      case "/-/ready" -> sendReadiness(response);
      case DRAIN -> refuseMethod("POST", response);
      default -> sendMetrics(request, response);
    }
  }

  @Override
  void post(HttpServletRequest request, NonBlockingResponse response) {
    if (!request.getServletPath().equals(DRAIN)) {
      refuseMethod(READ, response);
    } else if (admits(request, response)) {
      drain(response);
    }
  }

  /** Without timers no poll is answered and no session ends: only a restart helps. */
  private void sendHealth(NonBlockingResponse response) {
    boolean alive = context().responses().timers().lateMillis() < MAX_LATE_MILLIS;
    Replies.send(alive ? 200 : 503, new HealthBody(alive ? "alive" : "stuck"), response);
  }

  /** Reports a cable that is down, but stays ready: another node would have the same problem. */
  private void sendReadiness(NonBlockingResponse response) {
    SessionManager sessions = context().sessions();
    Cluster cluster = context().cluster();
    String status = status();
    String cable = sessions.cables().health().name().toLowerCase(Locale.ROOT);
    Replies.send(
        status.equals(READY) ? 200 : 503,
        new ReadyBody(status, cable, cluster == null ? null : cluster.state(), sessions.node()),
        response);
  }

  private String status() {
    if (!context().sessions().isAccepting()) {
      return "draining";
    }
    if (context().deployment().outOfDescriptors().getAsBoolean()) {
      return "no_descriptors";
    }
    // Without another node, waiting would be worse than a slow start.
    boolean others = context().cluster() != null && context().cluster().doOthersAccept();
    return context().warmingUp().getAsBoolean() && others ? "warming_up" : READY;
  }

  private void sendMetrics(HttpServletRequest request, NonBlockingResponse response)
      throws IOException {
    if (admits(request, response)) {
      ByteArrayOutputStream metrics = new ByteArrayOutputStream();
      context().exposition().write(metrics);
      byte[] body = metrics.toByteArray();
      response.answer(
          body,
          context().responses().forced(body),
          head -> {
            head.setHeader("Cache-Control", "no-store");
            head.setContentType(Exposition.CONTENT_TYPE);
          });
    }
  }

  /** Answers when the drain is over, which its limits guarantee. */
  private void drain(NonBlockingResponse response) {
    SessionManager sessions = context().sessions();
    LOG.info("event=drain_asked sessions={}", sessions.size());
    sessions.drain(report -> Replies.send(200, report, response));
  }
}
