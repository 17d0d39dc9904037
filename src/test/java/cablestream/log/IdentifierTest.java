package cablestream.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifierTest {
  private static String channel(String json) {
    return new Identifier(json, "0a").channel();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"channel\":\"Turbo::StreamsChannel\",\"signed_stream_name\":\"secret\"}",
        "{\"room\":{\"channel\":\"Nested\"},\"channel\":\"Turbo::StreamsChannel\"}",
        "{\"a\":\"channel\",\"b\":[\"\\\"channel\\\":\\\"X\\\"\"],\"channel\":\"Turbo::StreamsChannel\"}",
        "{\"a\":\"\\\\\",\"b}\":\"{[\",\"channel\":\"Turbo::StreamsChannel\"}",
      })
  void theClassNameIsTheTopLevelMember(String json) {
    assertThat(channel(json)).isEqualTo("Turbo::StreamsChannel");
  }

  /** Any other value may be a secret that the operator must not see. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"room\":\"Chat\"}",
        "{\"channel\":7}",
        "{\"channel\":null,\"room\":1}",
        "{\"channel\":\"\"}",
        "{\"channel\":\"two words\"}",
        "{\"channel\":\"a\\u0041\"}",
        "{\"channel\":\"Ümlaut\"}",
        "{\"room\":{\"channel\":\"Nested\"}}",
        "{\"rooms\":[{\"channel\":\"Nested\"}]}",
        "{\"\\\"channel\\\":\\\"\":\"X\"}",
      })
  void whatIsNoClassNameIsNotRepeated(String json) {
    assertThat(channel(json)).isNull();
  }

  @Test
  void aNameIsBounded() {
    assertThat(channel("{\"channel\":\"" + "a".repeat(100) + "\"}")).hasSize(100);
    assertThat(channel("{\"channel\":\"" + "a".repeat(101) + "\"}")).isNull();
  }
}
