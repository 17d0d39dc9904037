package cablestream.http.request;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The representations that a listener may request by {@code Accept}. A further kind of stream needs
 * a constant here and its adapter, which {@code Exchange} makes.
 */
public enum Representation {
  EVENT_STREAM("text/event-stream", true),

  /** A poll's answer, for all clients that name no stream. */
  JSON("application/json", false);

  private static final List<Representation> STREAMS =
      Stream.of(values()).filter(Representation::isStream).toList();

  private final String mediaType;
  private final boolean stream;

  Representation(String mediaType, boolean stream) {
    this.mediaType = mediaType;
    this.stream = stream;
  }

  /**
   * The representation that a client requests. A stream must be named explicitly: a client that
   * accepts anything is better served with a poll's JSON.
   *
   * @param accept the lines of that header
   */
  public static Representation of(Enumeration<String> accept) {
    List<String> lines = Collections.list(accept);
    for (Representation each : STREAMS) {
      if (Accept.names(each.mediaType, lines)) {
        return each;
      }
    }
    return JSON;
  }

  public boolean isStream() {
    return stream;
  }

  /**
   * Whether a response of this type is a stream, which has no length.
   *
   * @param contentType null for none
   */
  public static boolean isOfStream(String contentType) {
    return contentType != null
        && STREAMS.stream().anyMatch(each -> contentType.startsWith(each.mediaType));
  }

  public String mediaType() {
    return mediaType;
  }

  /** Sets the headers of all such responses, including that to a HEAD. */
  public void describe(HttpServletResponse head) {
    // Without a charset, as some intermediaries compare it literally.
    head.setContentType(mediaType);
    if (isStream()) {
      head.setHeader("Cache-Control", "no-cache, no-transform");
      // nginx would buffer the stream.
      head.setHeader("X-Accel-Buffering", "no");
    }
  }
}
