package cablestream.http.pages;

import cablestream.browser.Digest;
import cablestream.http.request.Headers;
import cablestream.http.request.HttpSettings;
import cablestream.http.response.NonBlockingResponse;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** A file of the web application, read once and sent to every client unchanged. */
final class StaticFile {

  /** Bytes of a SHA-256 in a tag: enough to distinguish all versions of a file. */
  private static final int TAG_BYTES = 16;

  private final byte[] bytes;
  private final String type;
  private final String tag;

  private StaticFile(byte[] bytes, String type) {
    this.bytes = bytes;
    this.type = type;
    this.tag = "\"" + Digest.of(bytes).hex(TAG_BYTES) + "\"";
  }

  /** Reads an existing file. */
  static StaticFile read(ServletContext context, String path) {
    try (InputStream file = context.getResourceAsStream(path)) {
      return new StaticFile(file.readAllBytes(), type(context.getMimeType(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }

  /**
   * Reads a page, without its links to pages that aren't served, each of which is on its own line.
   */
  static StaticFile page(ServletContext context, String path, HttpSettings.Pages served) {
    StaticFile whole = read(context, path);
    String text =
        new String(whole.bytes, StandardCharsets.UTF_8)
            .lines()
            .filter(line -> served.console() || !line.contains("data-page=\"console\""))
            .filter(
                line -> served.diagnosis().served() || !line.contains("data-page=\"diagnosis\""))
            .collect(Collectors.joining("\n", "", "\n"));
    return new StaticFile(text.getBytes(StandardCharsets.UTF_8), whole.type);
  }

  private static String type(String known) {
    if (known == null) {
      return "application/octet-stream";
    }
    return known.startsWith("text/") ? known + ";charset=UTF-8" : known;
  }

  /** Answers with it, or with 304 if the client has it. */
  void answer(HttpServletRequest request, NonBlockingResponse response) {
    boolean known = isKnown(tag, request);
    response.answerShared(
        known ? NonBlockingResponse.NOTHING : bytes, head -> describe(known, head));
  }

  private void describe(boolean known, HttpServletResponse head) {
    head.setHeader("ETag", tag);
    if (known) {
      head.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
    } else {
      head.setContentType(type);
    }
  }

  /**
   * Whether the client has the version with this tag. Compares weakly (RFC 9110, 13.1.2), as a
   * proxy that compresses weakens strong tags; no tag contains another's quotes.
   */
  static boolean isKnown(String tag, HttpServletRequest request) {
    String tags = Headers.value(request, "If-None-Match", ",");
    return tags != null && (tags.contains(tag) || tags.strip().equals("*"));
  }
}
