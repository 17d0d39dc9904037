package cablestream.log;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.fuzz.EventStreamOracle;
import cablestream.support.fuzz.EventStreamOracle.Dispatched;
import cablestream.support.fuzz.JsonOracle;
import cablestream.support.fuzz.JsonOracle.Value;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Arbitrary input is encoded as one event with exactly its data, for a stream and for a poll. */
public final class EventEncoderFuzz {
  private static final String SESSION = "0123456789abcdef";
  private static final Identifier CHAT =
      new Identifier("{\"channel\":\"Plauderkanal für žluť\"}", "0123456789abcdef0123456789abcdef");

  private EventEncoderFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    EventEncoder encoder =
        new EventEncoder(
            SESSION, new EventTime(InstantSource.fixed(Instant.EPOCH)), new FreshRoom());
    String text = JsonOracle.text(input);
    if (text != null) {
      assertThat(only(encoder.frame(7, input)).data()).isEqualTo(withoutReturns(text));
    }
    Value message = JsonOracle.read(input);
    if (message != null) {
      carriesTheMessage(encoder, message, input);
    }
    // Including half surrogate pairs, which an escaped reason may contain.
    carriesTheWord(encoder, new String(input, StandardCharsets.UTF_16BE));
    carriesTheWord(encoder, new String(input, StandardCharsets.ISO_8859_1));
    carriesTheWord(encoder, units(input));
  }

  private static void carriesTheMessage(EventEncoder encoder, Value message, byte[] input) {
    byte[] head = EventEncoder.receivedHead(CHAT);
    byte[] framed = ("{\"message\":" + message.source() + "}").getBytes(StandardCharsets.UTF_8);
    Event event = encoder.received(12_345, head, framed, 11, framed.length - 1);

    Dispatched dispatched = only(event);
    assertThat(dispatched.lastEventId()).isEqualTo(SESSION + "-12345");
    Value data = json(dispatched);
    assertThat(data.parts()).hasSize(7);
    assertThat(data.member("type").scalar()).isEqualTo("received");
    assertThat(data.member("message").source()).isEqualTo(onOneLine(message.source()));
    assertThat(data.member("identifier").compact()).isEqualTo(CHAT.json());
    assertThat(data.member("msg_id").scalar()).isEqualTo(dispatched.lastEventId());
  }

  private static void carriesTheWord(EventEncoder encoder, String word) {
    Value disconnected = json(only(encoder.disconnected(1, CHAT, word, true)));
    assertThat(disconnected.member("message").member("reason").scalar()).isEqualTo(word);
    assertThat(json(only(encoder.closed(word, false))).member("reason").scalar()).isEqualTo(word);
    assertThat(json(only(encoder.close(1001, word))).member("reason").scalar()).isEqualTo(word);
    assertThat(json(only(encoder.opened(0, word, false))).member("protocol").scalar())
        .isEqualTo(word);
  }

  /** The single event that a browser gets; a poll's response has the same data. */
  private static Dispatched only(Event event) {
    List<Dispatched> dispatched = EventStreamOracle.read(RawEvent.bytes(event));
    assertThat(dispatched).hasSize(1);
    Dispatched one = dispatched.get(0);
    assertThat(one.type()).isEqualTo(event.kind().type());
    assertThat(one.lastEventId()).isEqualTo(event.id());
    assertThat(RawEvent.data(event)).isEqualTo(one.data());
    EscapedData escaped = event.escapedData();
    byte[] json = new byte[(int) escaped.length() + 2];
    int end = escaped.write(json, 1, json.length - 1);
    assertThat(end).isEqualTo(json.length - 1);
    json[0] = '"';
    json[end] = '"';
    assertThat(JsonOracle.read(json).scalar()).isEqualTo(one.data());
    return one;
  }

  private static Value json(Dispatched event) {
    Value value = JsonOracle.read(event.data().getBytes(StandardCharsets.UTF_8));
    assertThat(value).as(event.data()).isNotNull();
    return value;
  }

  private static String onOneLine(String json) {
    return json.replace('\n', ' ').replace('\r', ' ');
  }

  private static String withoutReturns(String text) {
    return text.replace("\r\n", "\n").replace('\r', '\n');
  }

  private static String units(byte[] input) {
    StringBuilder units = new StringBuilder();
    for (int i = 0; i + 1 < input.length; i += 2) {
      units.append((char) ((input[i] & 0xFF) << 8 | input[i + 1] & 0xFF));
    }
    return units.toString();
  }
}
