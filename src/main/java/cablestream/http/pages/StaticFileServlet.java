package cablestream.http.pages;

import cablestream.http.request.RequestReader;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The console, the diagnosis page and the browser's script. A container's default servlet would
 * block a thread on a client that doesn't read.
 */
public final class StaticFileServlet extends PageServlet {
  private static final long serialVersionUID = 1L;

  private static final String CONSOLE = "/index.html";
  private static final String FOLDER = "/-/";

  private transient Script script;

  /** By path, below the context path; no other file of the web application is served. */
  private transient Map<String, StaticFile> files;

  @Override
  public void init() {
    super.init();
    script = new Script();
    files = new HashMap<>();
    read(getServletContext(), FOLDER);
    files.put(CONSOLE, page(CONSOLE));
    files.put("/", files.get(CONSOLE));
    files.put(Pages.DIAGNOSIS, files.get(Pages.DIAGNOSIS + ".html"));
  }

  private void read(ServletContext context, String folder) {
    Set<String> paths = context.getResourcePaths(folder);
    for (String path : paths == null ? Set.<String>of() : paths) {
      if (path.endsWith("/")) {
        read(context, path);
      } else {
        files.put(path, StaticFile.read(context, path));
      }
    }
  }

  @Override
  void read(HttpServletRequest request, NonBlockingResponse response) {
    String path = RequestReader.path(request);
    StaticFile file = files.get(path);
    if (Script.isAt(path)) {
      script.answer(path, request, context().responses().cors(), response);
    } else if (file == null) {
      Replies.refuse(Pages.NOTHING, response);
    } else {
      file.answer(request, response);
    }
  }
}
