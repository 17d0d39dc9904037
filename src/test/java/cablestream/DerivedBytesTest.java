package cablestream;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * All places at which something is derived from outside bytes, in the packages that handle them,
 * and their bounds. A call that copies, decodes or collects is found by its name in the source: a
 * file with one more than listed here fails, until its bound is listed as well.
 *
 * <p>What grows with its input is measured, for the worst possible input, by the tests named here.
 */
class DerivedBytesTest {
  private static final Path SOURCES = Path.of("src/main/java/cablestream");

  private static final String[] ROOMS = {
    "browser",
    "cable",
    "cable/jetty",
    "delivery",
    "echo",
    "http",
    "http/request",
    "http/response",
    "log",
    "outbound",
    "protocol",
    "session",
    "text"
  };

  /** Calls that copy their input, in whatever form, or collect it. */
  private static final Pattern CALLS =
      Pattern.compile(
          "new String\\(|\\.getBytes\\(|new (?:byte|char|int|long)\\[[^\\]]|Arrays\\.copyOf"
              + "|new StringBuilder\\(|ByteArrayOutputStream\\(|toByteArray\\(|StringJoiner\\("
              + "|String\\.join\\(|\\.split\\(|\\.replace(?:All|First)?\\(|\\.repeat\\("
              + "|[dD]ecode\\(|newDecoder\\(|Inflater|GZIP|readAllBytes\\(|createParser\\("
              + "|toJson\\(|getContentAsString\\(|ByteBuffer\\.allocate|toArray\\(");

  private record Found(int calls, String bound) {}

  private static Found found(int calls, String bound) {
    return new Found(calls, bound);
  }

  private static final Map<String, Found> TABLE =
      Map.ofEntries(
          entry(
              "Digest",
              found(
                  1,
                  "commands: DerivedFromBodiesTest; headers and queries: the container's limit of a request's head")),
          entry(
              "ActionCableProtocol",
              found(1, "Outgoing charges the frame; its parts are of a body")),
          entry(
              "CableEnding",
              found(4, "a Location of an answer's head: JettyCableDialer.MAX_RESPONSE_HEADERS")),
          entry("CableLink", found(1, "Outgoing charges the frame")),
          entry("CablePaths", found(1, "RequestReader.MAX_PATH")),
          entry("CableSettings", found(1, "settings")),
          entry("DialRequest", found(5, "cable.max-forwarded, and charged as HEADERS")),
          entry("EchoCable", found(1, "EchoTrial.MAX_FRAME")),
          entry("FrameScanner", found(4, "DerivedFromFramesTest")),
          entry("IdentifierCache", found(7, "DerivedFromFramesTest")),
          entry("JsonScanner", found(2, "JsonScanner.MAX_DEPTH")),
          entry("QueryText", found(2, "cable.max-forwarded, for each of cable.max-dials")),
          entry(
              "JettyCableSocket",
              found(1, "a control frame has 125 bytes at most (RFC 6455, 5.5)")),
          entry("MessageParts", found(2, "MessagePartsTest")),
          entry("EchoTrial", found(2, "constants")),
          entry("BrowserCookie", found(3, "the container's limit of a request's head")),
          entry("Callers", found(1, "the container's limit of a request's head")),
          entry("CommandParser", found(2, "DerivedFromBodiesTest")),
          entry("ExcessBody", found(1, "constants")),
          entry("Forwarding", found(1, "a scheme: the container's limit of a request's head")),
          entry("Headers", found(1, "the container's limit of a request's head")),
          entry("IpAddress", found(11, "an address, whose length is checked")),
          entry("JsonTree", found(3, "DerivedFromBodiesTest")),
          entry("Query", found(8, "DerivedFromHeadsTest")),
          entry("RequestBody", found(3, "charged as BODY before it is allocated")),
          entry(
              "RequestReader",
              found(1, "RequestReader.MAX_PROTOCOLS; the container's limit of a request's head")),
          entry("TrustedProxies", found(1, "settings")),
          entry("TcpTable", found(8, "the kernel's own tables, line by line")),
          entry("PollBody", found(5, "DerivedFromEventsTest")),
          entry("Replies", found(2, "max-commands, and words of our own")),
          entry("SseStream", found(1, "constants")),
          entry("WriteBuffer", found(2, "a piece of a write")),
          entry("EscapedData", found(1, "constants")),
          entry("Event", found(2, "an id, and a small event that is copied")),
          entry(
              "EventEncoder",
              found(
                  6,
                  "DerivedFromEventsTest; identifiers are charged as SUBSCRIPTION, reasons cut")),
          entry(
              "EventLog",
              found(8, "a large event is charged before it is made; blocks are of its own size")),
          entry("EventTime", found(4, "constants")),
          entry("RateLimitedLog", found(1, "RateLimitedLog.MAX_CHARACTERS")),
          entry("SessionManager", found(1, "an id of our own")),
          entry("SessionRouter", found(1, "constants")),
          entry("Utf8", found(2, "DerivedFromBodiesTest")));

  @Test
  void everyCopyOfWhatCameFromOutsideHasABound() throws IOException {
    Map<String, Integer> calls = new TreeMap<>();
    for (String room : ROOMS) {
      try (Stream<Path> files = Files.list(SOURCES.resolve(room))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          int count = (int) CALLS.matcher(Files.readString(file)).results().count();
          if (count > 0) {
            calls.put(file.getFileName().toString().replace(".java", ""), count);
          }
        }
      }
    }
    Map<String, Integer> listed = new TreeMap<>();
    TABLE.forEach((file, found) -> listed.put(file, found.calls()));
    assertThat(calls).isEqualTo(listed);
  }
}
