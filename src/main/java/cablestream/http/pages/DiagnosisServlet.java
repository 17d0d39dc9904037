package cablestream.http.pages;

import cablestream.http.request.HttpSettings;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;

/** What the diagnosis page needs from the server: {@code /-/diagnosis.json}. */
public final class DiagnosisServlet extends PageServlet {
  private static final long serialVersionUID = 1L;

  /** The largest part of a Via header that is returned to its sender, in characters. */
  private static final int MAX_VIA = 200;

  /**
   * The answer.
   *
   * @param application the application's name on the page; null for none
   * @param logo an image's URL or path; null for none
   * @param support a mail address or a URL; null for none
   * @param via the proxies that this request passed through, as they report; null for none
   */
  public record DiagnosisBody(
      String version, String application, String logo, String support, String via) {}

  @Override
  void read(HttpServletRequest request, NonBlockingResponse response) {
    HttpSettings.Diagnosis settings = context().settings().pages().diagnosis();
    String version = context().deployment().version();
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
