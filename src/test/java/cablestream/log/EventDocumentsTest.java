package cablestream.log;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * docs/protocol.md and the browser's declarations name the members that an event has. The tests'
 * bridge without Java checks its own events against the same table.
 */
class EventDocumentsTest {
  private static final Set<String> OF_ALL = Set.of("type", "session_id", "msg_id", "time");
  private static final Identifier CHAT = new Identifier("{\"channel\":\"Chat\"}", "0a");
  private static final EventEncoder ENCODER =
      new EventEncoder("SID", new EventTime(() -> Instant.EPOCH), new FreshRoom());

  static List<Event> channelEvents() {
    byte[] message = "1".getBytes(StandardCharsets.UTF_8);
    return List.of(
        ENCODER.joined(0, "events-id", true),
        ENCODER.connected(1, CHAT, true),
        ENCODER.rejected(1, CHAT),
        ENCODER.received(1, EventEncoder.receivedHead(CHAT), message, 0, 1),
        ENCODER.disconnected(1, CHAT, "remote", true),
        ENCODER.gap(1, 1L),
        ENCODER.closed("remote", true));
  }

  static List<Event> tunnelEvents() {
    return List.of(
        ENCODER.opened(0, "actioncable-v1-json", true),
        ENCODER.drain(1),
        ENCODER.close(1001, "draining"));
  }

  @ParameterizedTest
  @MethodSource("channelEvents")
  void theProtocolNamesTheMembersOfAnEvent(Event event) throws IOException {
    String type =
        Json.createReader(new StringReader(RawEvent.data(event))).readObject().getString("type");
    String column = row(type).get(3).replaceAll("\\([^)]*\\)", "");

    assertThat(without(OF_ALL, names("`(\\w+)", column)))
        .isEqualTo(without(OF_ALL, members(event)));
  }

  @ParameterizedTest
  @MethodSource("tunnelEvents")
  void theProtocolNamesTheMembersOfATunnelsEvent(Event event) throws IOException {
    assertThat(names("\"(\\w+)\"", row(event.kind().type()).get(2))).isEqualTo(members(event));
  }

  @ParameterizedTest
  @MethodSource("channelEvents")
  void theDeclarationsHaveTheMembersOfAnEventThatAPageReceives(Event event) throws IOException {
    String type =
        Json.createReader(new StringReader(RawEvent.data(event))).readObject().getString("type");
    Matcher declaration =
        Pattern.compile("\n  " + type + ": CustomEvent<\\{(.*)}>")
            .matcher(Files.readString(Path.of("webapp/-/cablestream.d.ts")));
    boolean isOfASubscription = members(event).contains("identifier");

    assertThat(declaration.find()).isNotEqualTo(isOfASubscription);
    if (!isOfASubscription) {
      // The id is the one that the page itself chose.
      Set<String> ignored = Set.of("type", "id", "session_id", "msg_id");
      assertThat(without(ignored, names("(\\w+)\\??:", declaration.group(1))))
          .isEqualTo(without(ignored, members(event)));
    }
  }

  private static List<String> row(String type) throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("docs/protocol.md")).stream()
            .filter(line -> line.startsWith("| `" + type + "` |"))
            .toList();
    assertThat(rows).hasSize(1);
    return Arrays.asList(rows.get(0).split("(^| )\\|( |$)"));
  }

  private static Set<String> members(Event event) {
    return new TreeSet<>(
        Json.createReader(new StringReader(RawEvent.data(event))).readObject().keySet());
  }

  private static Set<String> names(String pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static Set<String> without(Set<String> ignored, Set<String> names) {
    Set<String> rest = new TreeSet<>(names);
    rest.removeAll(ignored);
    return rest;
  }
}
