package cablestream.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
  private final Message.Reader reader = new Message.Reader();

  @ParameterizedTest
  @ValueSource(ints = {100, 200, 2_048, 65_536})
  void aMessageHasItsSizeAndIsReadBack(int size) {
    byte[] bytes = text("[" + message(size, 1_234_567_890_123L, 17, 42) + "]");

    assertThat(bytes).hasSize(size + 2);
    assertThat(reader.read(bytes, 0, bytes.length)).isTrue();
    assertThat(reader.at()).isEqualTo(1_234_567_890_123L);
    assertThat(reader.client()).isEqualTo(17);
    assertThat(reader.number()).isEqualTo(42);
  }

  @Test
  void aTemplateKeepsNothingOfTheMessageBefore() {
    Message message = new Message(200);
    ByteBuffer out = ByteBuffer.allocate(400);
    message.put(out, 999_999, 999, 999);
    message.put(out, 1, 2, 3);
    assertThat(reader.read(out.array(), 200, 400)).isTrue();
    assertThat(reader.at()).isEqualTo(1);
    assertThat(reader.client()).isEqualTo(2);
    assertThat(reader.number()).isEqualTo(3);
  }

  @Test
  void messagesAreFoundOneAfterTheOtherWhateverIsBetween() {
    byte[] bytes =
        text(
            "{\"messages\":[{\"id\":1,"
                + message(200, 5, 1, 1)
                + "},{"
                + message(90, 6, 1, 2)
                + "}]}");
    assertThat(reader.read(bytes, 0, bytes.length)).isTrue();
    assertThat(reader.number()).isEqualTo(1);
    assertThat(reader.read(bytes, reader.end(), bytes.length)).isTrue();
    assertThat(reader.number()).isEqualTo(2);
    assertThat(reader.read(bytes, reader.end(), bytes.length)).isFalse();
  }

  @Test
  void aCutOrChangedMessageIsAnError() {
    String whole = message(200, 5, 1, 1);
    for (String broken : new String[] {whole.substring(0, 60), whole.replace("client", "klient")}) {
      byte[] bytes = text(broken);
      assertThatThrownBy(() -> reader.read(bytes, 0, bytes.length)).hasMessageContaining("cut");
    }
  }

  @Test
  void aNumberThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> message(200, 5, 1_000_000, 1)).hasMessageContaining("digits");
  }

  private static String message(int size, long at, int client, long number) {
    ByteBuffer out = ByteBuffer.allocate(size);
    new Message(size).put(out, at, client, number);
    return new String(out.array(), StandardCharsets.US_ASCII);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
