package cablestream.http.pages;

import cablestream.http.request.HttpSettings;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;

/** What the diagnosis page can't know by itself: {@code /-/diagnosis.json}. */
public final class DiagnosisServlet extends PageServlet {
  private static final long serialVersionUID = 1L;

  /** Characters of a Via header that are repeated to its sender. */
  private static final int MAX_VIA = 200;

  /**
   * The answer.
   *
   * @param application what the page calls the application; null for nothing
   * @param logo an image's URL or path; null for none
   * @param support a mail address or a URL; null for none
   * @param via the proxies that this request came through, as they say; null for none
   */
  public record DiagnosisBody(
      String version, String application, String logo, String support, String via) {}

  private transient HttpSettings.Diagnosis settings;
  private transient String version;

  @Override
  void prepare(PageContext context) {
    settings = context.settings().pages().diagnosis();
    version = context.deployment().version();
  }

  @Override
  void read(HttpServletRequest request, NonBlockingResponse response) {
    Replies.send(
        200,
        new DiagnosisBody(
            version, settings.application(), settings.logo(), settings.support(), via(request)),
        response);
  }

  private static String via(HttpServletRequest request) {
    String via = String.join(", ", Collections.list(request.getHeaders("Via")));
    return via.isEmpty() ? null : via.substring(0, Math.min(via.length(), MAX_VIA));
  }
}
