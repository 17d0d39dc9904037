package cablestream.http.pages;

import cablestream.browser.Digest;
import cablestream.http.request.Accept;
import cablestream.http.response.Cors;
import cablestream.http.response.NonBlockingResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The script for Action Cable clients, stripped of comments and compressed once, by the build: the
 * same bytes and names on all nodes of the same version.
 *
 * <p>It has two names. Under its own name it is revalidated each time, which costs a 304; under the
 * name with its digest, in {@code Content-Location}, it never changes.
 */
final class Script {
  private static final Pattern PATH = Pattern.compile("/-/cablestream(?:-([0-9a-f]{16}))?\\.js");
  private static final String COMPRESSED = "cablestream.js.gz";
  private static final String GZIP = "gzip";

  private final byte[] compressed;
  private final byte[] plain;
  private final String digest;
  private final String tag;

  /** Reads it. @throws IllegalStateException if the build has omitted it */
  Script() {
    try (InputStream file = Script.class.getResourceAsStream(COMPRESSED)) {
      if (file == null) {
        throw new IllegalStateException("there is no " + COMPRESSED + ": mvn compile makes it");
      }
      compressed = file.readAllBytes();
      plain = new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    digest = Digest.of(plain).hex(8);
    tag = "\"" + digest + "\"";
  }

  /** Whether the path below the context path is one of its names, in this version or another. */
  static boolean isAt(String path) {
    return PATH.matcher(path).matches();
  }

  /**
   * Answers a GET or HEAD. The name of another version gets this one, so a page with a stale name
   * works.
   */
  void answer(String path, HttpServletRequest request, Cors cors, NonBlockingResponse response) {
    Matcher name = PATH.matcher(path);
    boolean lasting = name.matches() && digest.equals(name.group(1));
    boolean isKnown = StaticFile.isKnown(tag, request);
    String origin = request.getHeader("Origin");
    boolean packed = Accept.names(GZIP, Collections.list(request.getHeaders("Accept-Encoding")));
    response.answerShared(
        isKnown ? NonBlockingResponse.NOTHING : packed ? compressed : plain,
        head -> {
          cors.reflect(origin, head); // pages of other hosts import it
          describe(lasting, head);
          if (isKnown) {
            head.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
          } else {
            head.setContentType("text/javascript;charset=utf-8");
            if (packed) {
              head.setHeader("Content-Encoding", GZIP);
            }
          }
        });
  }

  private void describe(boolean lasting, HttpServletResponse head) {
    head.setHeader("Cache-Control", lasting ? "public, max-age=31536000, immutable" : "no-cache");
    head.setHeader("Vary", "Origin, Accept-Encoding");
    head.setHeader("ETag", "W/" + tag);
    head.setHeader("Content-Location", "cablestream-" + digest + ".js");
  }
}
