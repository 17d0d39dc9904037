package cablestream.http.response;

import cablestream.browser.CommandResult;
import cablestream.browser.Refusal;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.json.bind.config.PropertyNamingStrategy;
import jakarta.json.bind.config.PropertyOrderStrategy;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * JSON bodies: the results of a POST, and errors.
 *
 * <p>Any thread. Making a {@link Jsonb} is expensive and its first use of a class more so. The only
 * one has processed both classes before the first request.
 */
public final class Replies {
  public static final String JSON = "application/json";

  /** The refusal after an internal error. */
  public static final Refusal FAILED = new Refusal(500, "the bridge failed; its log says why");

  /** The body of every error. */
  public record ErrorBody(String error) {}

  private static final Jsonb JSONB =
      JsonbBuilder.create(
          new JsonbConfig()
              .withPropertyNamingStrategy(PropertyNamingStrategy.LOWER_CASE_WITH_UNDERSCORES)
              .withPropertyOrderStrategy(PropertyOrderStrategy.ANY));

  static {
    json(List.of(new CommandResult("", "", "")));
    error("");
  }

  private Replies() {}

  /** Loads the class before the first request. */
  public static void warm() {}

  /** {@code {"error": "…"}}. */
  static byte[] error(String error) {
    return json(new ErrorBody(error));
  }

  /** Any of the records of responses, or a list of them; null components are omitted. */
  public static byte[] json(Object object) {
    return JSONB.toJson(object).getBytes(StandardCharsets.UTF_8);
  }

  /** The body of a refusal; empty for 204. */
  public static byte[] body(Refusal refusal) {
    return refusal.error() == null ? NonBlockingResponse.NOTHING : error(refusal.error());
  }

  /** The status and the headers of a refusal. */
  public static void head(Refusal refusal, HttpServletResponse head) {
    head.setStatus(refusal.status());
    head.setHeader("Cache-Control", "no-store");
    if (refusal.retryAfterSeconds() > 0) {
      head.setIntHeader("Retry-After", refusal.retryAfterSeconds());
    }
    if (refusal.error() != null) {
      head.setContentType(JSON);
    }
  }

  public static void send(int status, Object object, NonBlockingResponse response) {
    response.answer(
        json(object),
        head -> {
          head.setStatus(status);
          head.setHeader("Cache-Control", "no-store");
          head.setContentType(JSON);
        });
  }

  public static void refuse(Refusal refusal, NonBlockingResponse response) {
    response.answer(body(refusal), head -> head(refusal, head));
  }
}
