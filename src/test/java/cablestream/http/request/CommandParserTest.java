package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.browser.Command;
import cablestream.browser.Command.Malformed;
import cablestream.browser.Command.Send;
import cablestream.browser.Command.Subscribe;
import cablestream.browser.Command.Unsubscribe;
import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.browser.Mode;
import cablestream.log.Identifier;
import cablestream.support.Defaults;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 3: the body of a POST; and the chan_id of section 2. */
class CommandParserTest {
  private static final String CHAT = "{\"channel\":\"ChatChannel\",\"room\":1}";

  private final CommandParser parser = new CommandParser(Mode.CHANNELS, Defaults.http().bodies());
  private final CommandParser tunnel = new CommandParser(Mode.TUNNEL, Defaults.http().bodies());

  @Test
  void theThreeCommands() {
    List<Command> commands =
        commands(
            """
            [ {"identifier": {"channel": "ChatChannel", "room": 1}, "subscribe": true},
              {"identifier": {"channel": "ChatChannel", "room": 1}, "unsubscribe": true},
              {"identifier": {"channel": "ChatChannel", "room": 1},
               "send": {"action": "speak", "text": "hi"}} ]
            """);

    Identifier chat = new Identifier(CHAT, Digest.of(CHAT).hex(16));
    assertThat(commands)
        .containsExactly(
            new Subscribe(chat),
            new Unsubscribe(chat),
            new Send(chat, "{\"action\":\"speak\",\"text\":\"hi\"}"));
  }

  @Test
  void noCommandsAreNoCommands() {
    assertThat(commands("[]")).isEmpty();
    assertThat(commands(" [ ] \n")).isEmpty();
  }

  @Test
  void anIdentifierKeepsItsKeyOrderAndItsDigits() {
    String spelling =
        "{\"z\":1.50,\"a\":-0,\"m\":12345678901234567890.123e+400,\"b\":[true,null,{}]}";

    assertThat(identifier(spelling.replace(":", " :\t").replace(",", "\r\n, ")).json())
        .isEqualTo(spelling);
  }

  @Test
  void anIdentifiersStringsAreWrittenAsJsonStringifyDoes() {
    assertThat(identifier("{\"\\u0063hannel\":\"\\/\\u00e4\\u2028\\u003c\\u007f\"}").json())
        .isEqualTo("{\"channel\":\"/ä\u2028<\u007f\"}");
    assertThat(
            identifier("{\"c\":\"\\u0008\\u0009\\u000A\\u000c\\u000d\\u0022\\\\\\u001F\"}").json())
        .isEqualTo("{\"c\":\"\\b\\t\\n\\f\\r\\\"\\\\\\u001f\"}");
  }

  @Test
  void halfASurrogatePairStaysAnEscape() {
    assertThat(identifier("{\"\\uD800\":\"\\udc00\\ud83d\\ude00\\uDBFF\"}").json())
        .isEqualTo("{\"\\ud800\":\"\\udc00😀\\udbff\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"room\":1,\"channel\":\"ChatChannel\"}",
        "{ \"channel\" : \"ChatChannel\",\n\"room\":1}",
        "{\"\\u0063hannel\":\"Chat\\u0043hannel\",\"room\":1}",
      })
  void twoSpellingsOfOneIdentifierHaveOneChanId(String spelling) {
    assertThat(identifier(spelling).chanId()).isEqualTo(identifier(CHAT).chanId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"channel\":\"ChatChannel\",\"room\":1.0}",
        "{\"channel\":\"ChatChannel\",\"room\":\"1\"}",
        "{\"channel\":\"chatChannel\",\"room\":1}",
        "{\"channel\":\"ChatChannel\",\"room\":[1]}",
        "{}",
      })
  void anotherIdentifierHasAnother(String other) {
    assertThat(identifier(other).chanId()).isNotEqualTo(identifier(CHAT).chanId());
  }

  @Test
  void theChanIdIsTheHashOfTheCanonicalForm() {
    assertThat(identifier("{\"channel\":\"ChatChannel\"}").chanId())
        .as("echo -n '{\"channel\":\"ChatChannel\"}' | sha256sum | cut -c1-32")
        .isEqualTo("f00b463193c48baf6d5d740e75f49791");
  }

  @Test
  void keysAreSortedByUtf16CodeUnitsAtEveryLevel() {
    // U+1F600 is encoded with the surrogate D83D, which sorts before U+FF21 although its code point
    // is higher.
    String spelling = "{\"\uff21\":{\"b\":1,\"a\":2},\"😀\":[{\"d\":1,\"c\":2}],\"B\":3,\"a\":4}";
    String canonical = "{\"B\":3,\"a\":4,\"😀\":[{\"c\":2,\"d\":1}],\"\uff21\":{\"a\":2,\"b\":1}}";

    assertThat(identifier(spelling).chanId()).isEqualTo(Digest.of(canonical).hex(16));
    assertThat(identifier(spelling).json()).isEqualTo(spelling);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
        "{\"x\":[{\"a\":1,\"a\":1}]}",
      })
  void duplicateKeysInAnIdentifierAreRefused(String identifier) {
    assertMalformed("[{\"identifier\":" + identifier + ",\"subscribe\":true}]", "same name");
  }

  @Test
  void theSameKeyAtAnotherLevelIsNoDuplicate() {
    assertThat(identifier("{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}}").json())
        .isEqualTo("{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}}");
  }

  @Test
  void aSendsDataKeepsOrderDuplicatesAndDigits() {
    String data = "{\"b\":1e400,\"a\":{\"x\":[]},\"b\":-0.0}";

    assertThat(commands("[{\"send\": " + data + " ,\"identifier\":" + CHAT + "}]"))
        .singleElement()
        .isEqualTo(new Send(identifier(CHAT), data));
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "7|JSON object",
        "null|JSON object",
        "[]|JSON object",
        "\"subscribe\"|JSON object",
        "{}|identifier",
        "{\"subscribe\":true}|identifier",
        "{\"identifier\":\"{}\",\"subscribe\":true}|identifier",
        "{\"identifier\":[],\"subscribe\":true}|identifier",
        "{\"identifier\":null,\"subscribe\":true}|identifier",
        "{\"identifier\":{}}|exactly one",
        "{\"identifier\":{},\"subscribe\":false}|exactly one",
        "{\"identifier\":{},\"subscribe\":true,\"unsubscribe\":true}|exactly one",
        "{\"identifier\":{},\"subscribe\":true,\"send\":{}}|exactly one",
        "{\"identifier\":{},\"unsubscribe\":true,\"send\":{}}|exactly one",
        "{\"identifier\":{},\"subscribe\":1}|must be true",
        "{\"identifier\":{},\"subscribe\":\"true\"}|must be true",
        "{\"identifier\":{},\"unsubscribe\":{}}|must be true",
        "{\"identifier\":{},\"send\":\"hi\"}|send must be a JSON object",
        "{\"identifier\":{},\"send\":[]}|send must be a JSON object",
        "{\"identifier\":{},\"send\":true}|send must be a JSON object",
        "{\"identifier\":{},\"identifier\":{},\"subscribe\":true}|twice",
        "{\"identifier\":{},\"subscribe\":true,\"subscribe\":true}|twice",
      },
      delimiter = '|')
  void aBadCommandSaysWhatIsWrongAndSparesItsNeighbours(String bad, String error) {
    String good = "{\"identifier\":" + CHAT + ",\"subscribe\":true}";

    List<Command> commands = commands("[" + good + "," + bad + "," + good + "]");

    assertThat(commands).hasSize(3);
    assertThat(commands.get(0)).isEqualTo(new Subscribe(identifier(CHAT)));
    assertThat(commands.get(1))
        .isInstanceOfSatisfying(
            Malformed.class, malformed -> assertThat(malformed.error()).contains(error));
    assertThat(commands.get(2)).isEqualTo(commands.get(0));
  }

  @Test
  void aBadCommandWithAGoodIdentifierKeepsIt() {
    assertThat(commands("[{\"identifier\":" + CHAT + "}]"))
        .singleElement()
        .extracting(command -> ((Malformed) command).identifier())
        .isEqualTo(identifier(CHAT));
  }

  @Test
  void whatClientsWithFixedStructuresSendIsTaken() {
    String command =
        "[{\"identifier\":%s,\"subscribe\":%s,\"unsubscribe\":%s,\"send\":%s,\"extra\":[1]}]";

    assertThat(commands(command.formatted(CHAT, true, false, null)))
        .containsExactly(new Subscribe(identifier(CHAT)));
    assertThat(commands(command.formatted(CHAT, null, true, null)))
        .containsExactly(new Unsubscribe(identifier(CHAT)));
    assertThat(commands(command.formatted(CHAT, false, false, "{}")))
        .containsExactly(new Send(identifier(CHAT), "{}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{}",
        "null",
        "1",
        "\"[]\"",
        "[",
        "[1",
        "[{\"identifier\":{}",
        "[{\"identifier\":",
        "[}",
        "[],",
        "[] []",
        "[]]",
        "[1,]",
        "[01]",
        "[NaN]",
        "['a']",
        "[\"\t\"]",
        "[\"\\x\"]",
        "[{\"a\" 1}]",
        "[{a:1}]",
        "// comment\n[]",
        "\ufeff[]",
        "[]\0",
      })
  void whatIsNoJsonArrayIsRefusedAsAWhole(String body) {
    assertRefused(400, body.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\u00ff", "\u00c3\u0028", "\u00ed\u00a0\u0080", "\u00c0\u0080", "\u00e2\u0082"})
  void whatIsNotUtf8IsRefusedAsAWhole(String bytes) {
    assertRefused(400, ("[\"" + bytes + "\"]").getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void anErrorNeverRepeatsTheBody() {
    assertThatThrownBy(() -> commands("[{\"identifier\":\"secret\"} secret]"))
        .hasMessage("the body isn't JSON: see line 1, column 26");
  }

  @Test
  void aHundredCommandsAreTakenAndOneMoreIsTooMany() {
    String hundred = "[" + "1,".repeat(99) + "1";

    assertThat(commands(hundred + "]")).hasSize(100);
    assertRefused(413, (hundred + ",1]").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void tooManyCommandsAreRefusedBeforeTheRestIsRead() {
    assertRefused(413, ("[" + "1,".repeat(100) + "1, no JSON").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void sixtyFourKibibytesAreTakenAndNotMore() {
    assertThat(commands("[" + " ".repeat(64 * 1024 - 2) + "]")).isEmpty();
    assertThat(parser.limit()).isEqualTo(new BodyLimit("max-body", 64 * 1024));
  }

  @Test
  void aCommandNestedTooDeepFailsAlone() {
    String deepest = "[".repeat(63) + "]".repeat(63);
    String command = "{\"identifier\":{},\"send\":{\"a\":%s}}";

    assertThat(commands("[" + command.formatted(deepest) + "]").get(0)).isInstanceOf(Send.class);
    assertThat(commands("[" + command.formatted("[" + deepest + "]") + ",1]"))
        .extracting(bad -> ((Malformed) bad).error())
        .containsExactly("nested deeper than 64 levels", "a command must be a JSON object");
  }

  @Test
  void aBodyOfBracketsAloneNeitherOverflowsNorFails() {
    String body = "[" + "[".repeat(32_000) + "]".repeat(32_000) + "]";
    String objects = "[" + "{\"\":".repeat(10_000) + "1" + "}".repeat(10_000) + "]";

    assertThat(commands(body)).singleElement().isInstanceOf(Malformed.class);
    assertThat(commands(objects)).singleElement().isInstanceOf(Malformed.class);
  }

  @Test
  void aNumberOfAnyLengthStaysAsItIs() {
    String digits = "9".repeat(60_000) + "e-999999999";

    assertThat(identifier("{\"n\":" + digits + "}").json()).isEqualTo("{\"n\":" + digits + "}");
  }

  @Test
  void aTunnelsFramesAreTakenAsTheyAre() {
    assertThat(frames("[\"{\\\"command\\\": \\\"subscribe\\\"}\", \"\", \"\\u0000ä😀\"]"))
        .containsExactly(
            new Command.Frame("{\"command\": \"subscribe\"}"),
            new Command.Frame(""),
            new Command.Frame("\0ä😀"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[\"a\", 1]", "[{}]", "[[\"a\"]]", "[null]", "[\"\\ud800\"]", "{}", "\"a\""})
  void whatIsNoArrayOfFramesIsRefused(String body) {
    assertThatThrownBy(() -> frames(body))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().status()).isEqualTo(400));
  }

  @Test
  void aTunnelTakesAMebibyteAndNotMore() {
    String body = "[\"" + "x".repeat(1024 * 1024 - 4) + "\"]";

    assertThat(frames(body)).hasSize(1);
    assertThat(tunnel.limit()).isEqualTo(new BodyLimit("max-tunnel-body", 1024 * 1024));
  }

  @Test
  void commandsAreListedInTheAnswerAndFramesAreNot() {
    List<CommandResult> results = List.of(new CommandResult("c", "s", null));

    assertThat(parser.listed(results)).isEqualTo(results);
    assertThat(tunnel.listed(results)).isEmpty();
  }

  private List<Command> commands(String body) {
    return parser.parse(body.getBytes(StandardCharsets.UTF_8));
  }

  private List<Command> frames(String body) {
    return tunnel.parse(body.getBytes(StandardCharsets.UTF_8));
  }

  private Identifier identifier(String json) {
    Command command = commands("[{\"identifier\":" + json + ",\"subscribe\":true}]").get(0);
    return ((Subscribe) command).identifier();
  }

  private void assertMalformed(String body, String error) {
    assertThat(commands(body))
        .singleElement()
        .isInstanceOfSatisfying(
            Malformed.class, malformed -> assertThat(malformed.error()).contains(error));
  }

  private void assertRefused(int status, byte[] body) {
    assertThatThrownBy(() -> parser.parse(body))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().status()).isEqualTo(status));
  }
}
