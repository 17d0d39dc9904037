package cablestream.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseReaderTest {
  private static final String STREAM =
      """
      retry: 2000

      : heartbeat

      id: s-1
      data: {"a":1}

      event: ping
      data: {}

      id: s-2
      data:no space
      data:  two spaces
      data

      id: s-3

      data: é…🙂

      """;
  private static final List<String> EVENTS =
      List.of("{\"a\":1}", "{}", "no space\n two spaces", "é…🙂");

  private final List<String> seen = new ArrayList<>();
  private final SseReader reader = new SseReader(this::event);

  private void event(byte[] bytes, int from, int to) {
    seen.add(new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 11, 13, 50, 1_000})
  void eventsAreFoundWhereverTheStreamIsCut(int piece) {
    Cuts.even(STREAM.getBytes(StandardCharsets.UTF_8), piece, reader::feed);

    assertThat(seen).isEqualTo(EVENTS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 50, 1_000})
  void linesMayEndWithCarriageReturns(int piece) {
    Cuts.even(STREAM.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8), piece, reader::feed);

    assertThat(seen).isEqualTo(EVENTS);
  }

  @Test
  void manyEventsAreFoundOverRandomCuts() {
    for (int seed = 0; seed < 200; seed++) {
      seen.clear();
      Cuts.random(
          STREAM.repeat(5).getBytes(StandardCharsets.UTF_8), new Random(seed), reader::feed);
      assertThat(seen).hasSize(5 * EVENTS.size()).startsWith(EVENTS.toArray(new String[0]));
    }
  }

  @Test
  void anEventWithoutItsBlankLineIsNone() {
    byte[] bytes = "data: cut\n".getBytes(StandardCharsets.UTF_8);
    reader.feed(bytes, 0, bytes.length);
    assertThat(seen).isEmpty();
  }
}
