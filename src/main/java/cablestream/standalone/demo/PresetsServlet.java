package cablestream.standalone.demo;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;

/** Tells the console page the demonstration server's channels, in place of the WAR's empty list. */
final class PresetsServlet extends HttpServlet {
  static final String PATH = "/-/console/presets.json";

  private static final long serialVersionUID = 1L;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("application/json");
    response.setHeader("Cache-Control", "no-store");
    try (InputStream presets = PresetsServlet.class.getResourceAsStream("presets.json")) {
      presets.transferTo(response.getOutputStream());
    }
  }
}
