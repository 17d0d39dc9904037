package cablestream.http;

import cablestream.session.CommandResult;
import cablestream.session.Refusal;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.json.bind.config.PropertyNamingStrategy;
import jakarta.json.bind.config.PropertyOrderStrategy;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * JSON bodies: what a POST is answered with, and errors.
 *
 * <p>Any thread. Making a {@link Jsonb} is dear and its first use of a class dearer, so there is
 * one, which has seen both before the first request.
 */
final class Replies {
  static final String JSON = "application/json";

  /** The body of every error. */
  public record ErrorBody(String error) {}

  private static final Jsonb JSONB =
      JsonbBuilder.create(
          new JsonbConfig()
              .withPropertyNamingStrategy(PropertyNamingStrategy.LOWER_CASE_WITH_UNDERSCORES)
              .withPropertyOrderStrategy(PropertyOrderStrategy.ANY));

  static {
    results(List.of(new CommandResult("", "", "")));
    error("");
  }

  private Replies() {}

  /** Reads the class now rather than during the first request. */
  static void warm() {}

  /** One object a command, in order: chan_id, session_id and error, those that there are. */
  static byte[] results(List<CommandResult> results) {
    return JSONB.toJson(results).getBytes(StandardCharsets.UTF_8);
  }

  /** {@code {"error": "…"}}. */
  static byte[] error(String error) {
    return JSONB.toJson(new ErrorBody(error)).getBytes(StandardCharsets.UTF_8);
  }

  /** The status and the headers of a refusal, and what its body is (empty for 204). */
  static byte[] prepare(Refusal refusal, HttpServletResponse response) {
    response.setStatus(refusal.status());
    response.setHeader("Cache-Control", "no-store");
    if (refusal.retryAfterSeconds() > 0) {
      response.setIntHeader("Retry-After", refusal.retryAfterSeconds());
    }
    if (refusal.error() == null) {
      return new byte[0];
    }
    byte[] body = error(refusal.error());
    response.setContentType(JSON);
    response.setContentLength(body.length);
    return body;
  }

  /** Answers with an object as JSON, on a thread that may block. */
  static void send(int status, Object object, HttpServletResponse response) throws IOException {
    byte[] body = JSONB.toJson(object).getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.setHeader("Cache-Control", "no-store");
    response.setContentType(JSON);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  /** The same from any thread, and from then on on one of the container's. */
  static void sendLater(int status, Object object, AsyncContext context) {
    ContainerCall.start(
        context,
        () -> {
          try {
            send(status, object, (HttpServletResponse) context.getResponse());
          } catch (IOException e) {
            // Whoever asked has gone.
          } finally {
            ContainerCall.complete(context);
          }
        });
  }

  /** Answers with a refusal, on a thread that may block. */
  static void refuse(Refusal refusal, HttpServletResponse response) throws IOException {
    byte[] body = prepare(refusal, response);
    if (body.length > 0) {
      response.getOutputStream().write(body);
    }
  }
}
