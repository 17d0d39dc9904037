package cablestream.http.relay;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.memory.Weights;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A browser's query on the node to which its request is relayed. */
class HandedOnTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"", "a=b", "token=100%", "a=%2", "?", "a=x|y{}^ z", "a=\u00E9\uFFFD\uD83D\uDE80"})
  void aQueryComesThroughAsItIs(String query) {
    String header = new HandedOn("GET", "/id", query, new TreeMap<>(), null, null).encodedQuery();
    assertThat(header).matches("[!-~]*");
    assertThat(HandedOn.decodedQuery(header)).isEqualTo(query);
  }

  /** It may wait for the store once its body has been read. */
  @Test
  void itsBodyIsPartOfItsWeight() {
    HandedOn bodiless = new HandedOn("POST", "/id", null, new TreeMap<>(), null, null);
    assertThat(bodiless.with(new byte[1 << 20]).weight())
        .isEqualTo(bodiless.weight() + Weights.ofBytes(1 << 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=b", "\u00E9"})
  void whatNoNodeHasSentIsNone(String header) {
    assertThat(HandedOn.decodedQuery(header)).isNull();
  }
}
