package cablestream.http.pages;

import cablestream.browser.Digest;
import cablestream.http.request.HttpSettings;
import cablestream.http.response.NonBlockingResponse;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A file of the web application, read once; every client is sent the same bytes. */
final class StaticFile {
  private static final byte[] NOTHING = {};

  /** Of a SHA-256: enough to tell any two versions of a file from one another. */
  private static final int TAG_BYTES = 16;

  private final byte[] bytes;
  private final String type;
  private final String tag;

  private StaticFile(byte[] bytes, String type) {
    this.bytes = bytes;
    this.type = type;
    this.tag = "\"" + Digest.of(bytes).hex(TAG_BYTES) + "\"";
  }

  /** Reads a file that is there. */
  static StaticFile read(ServletContext context, String path) {
    try (InputStream file = context.getResourceAsStream(path)) {
      return new StaticFile(file.readAllBytes(), type(context.getMimeType(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }

  /** Reads a page; its links to pages that aren't served, each on one line, are left out. */
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

  /** Answers with it, or with 304 where the client says that it has it. */
  void answer(HttpServletRequest request, NonBlockingResponse response) {
    boolean known = isKnown(request.getHeader("If-None-Match"));
    response.answerShared(known ? NOTHING : bytes, head -> describe(known, head));
  }

  private void describe(boolean known, HttpServletResponse head) {
    head.setHeader("ETag", tag);
    if (known) {
      head.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
    } else {
      head.setContentType(type);
    }
  }

  /** Compares weakly (RFC 9110, 13.1.2): a proxy that compresses makes weak tags of strong ones. */
  private boolean isKnown(String tags) {
    return tags != null
        && Stream.of(tags.split(","))
            .map(String::strip)
            .map(each -> each.toUpperCase(Locale.ROOT).startsWith("W/") ? each.substring(2) : each)
            .anyMatch(each -> each.equals(tag) || each.equals("*"));
  }
}
