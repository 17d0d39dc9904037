package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Command;
import cablestream.browser.Command.Frame;
import cablestream.browser.Command.Malformed;
import cablestream.browser.Command.Send;
import cablestream.browser.Command.Subscribe;
import cablestream.browser.Command.Unsubscribe;
import cablestream.browser.Mode;
import cablestream.log.Identifier;
import cablestream.support.Defaults;
import cablestream.support.fuzz.JsonOracle;
import cablestream.support.fuzz.JsonOracle.Member;
import cablestream.support.fuzz.JsonOracle.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Bodies of POSTs: a JSON array is parsed element by element, everything else returns 4xx. */
public final class CommandParserFuzz {
  private static final HttpSettings.Bodies SETTINGS = Defaults.http().bodies();
  private static final List<String> NAMES =
      List.of("identifier", "subscribe", "unsubscribe", "send");

  private CommandParserFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    Value body = JsonOracle.read(input);
    commands(new CommandParser(Mode.CHANNELS, SETTINGS), input, body);
    frames(new CommandParser(Mode.TUNNEL, SETTINGS), input, body);
  }

  private static void commands(CommandParser parser, byte[] input, Value body) {
    List<Command> commands;
    try {
      commands = parser.parse(input);
    } catch (RefusedException e) {
      assertThat(e.refusal().status()).isIn(400, 413);
      assertThat(
              body == null
                  || !body.isArray()
                  || body.parts().size() > SETTINGS.maxCommands()
                  || input.length > SETTINGS.max())
          .isTrue();
      return;
    }
    assertThat(body).isNotNull();
    assertThat(body.isArray()).isTrue();
    assertThat(commands).hasSameSizeAs(body.parts());
    for (int i = 0; i < commands.size(); i++) {
      compare(commands.get(i), body.parts().get(i).value());
    }
  }

  private static void compare(Command command, Value expected) {
    List<String> verbs = verbs(expected);
    if (verbs == null || verbs.size() != 1) {
      assertThat(command).isInstanceOf(Malformed.class);
      return;
    }
    Identifier identifier;
    if (command instanceof Send send) {
      assertThat(verbs).containsExactly("send");
      assertThat(send.data()).isEqualTo(expected.member("send").compact());
      identifier = send.identifier();
    } else if (command instanceof Subscribe subscribe) {
      assertThat(verbs).containsExactly("subscribe");
      identifier = subscribe.identifier();
    } else {
      assertThat(verbs).containsExactly("unsubscribe");
      identifier = ((Unsubscribe) command).identifier();
    }
    String compact = expected.member("identifier").compact();
    assertThat(identifier.json()).isEqualTo(compact);
    assertThat(JsonOracle.read(compact.getBytes(StandardCharsets.UTF_8))).isNotNull();
  }

  /** The requested operations; null if the element can't be a command. */
  private static List<String> verbs(Value element) {
    if (!element.isObject() || element.depth() > SETTINGS.maxDepth() + 1) {
      return null;
    }
    for (String name : NAMES) {
      if (element.parts().stream().map(Member::name).filter(name::equals).count() > 1) {
        return null;
      }
    }
    Value identifier = element.member("identifier");
    if (identifier == null || !identifier.isObject() || identifier.hasDuplicates()) {
      return null;
    }
    return verbs(
        element.member("subscribe"), element.member("unsubscribe"), element.member("send"));
  }

  private static List<String> verbs(Value subscribe, Value unsubscribe, Value send) {
    List<String> verbs = new ArrayList<>();
    if (!isFlag(subscribe) || !isFlag(unsubscribe) || !isAbsent(send) && !send.isObject()) {
      return null;
    }
    if (isTrue(subscribe)) {
      verbs.add("subscribe");
    }
    if (isTrue(unsubscribe)) {
      verbs.add("unsubscribe");
    }
    if (!isAbsent(send)) {
      verbs.add("send");
    }
    return verbs;
  }

  private static boolean isFlag(Value value) {
    return isAbsent(value) || isTrue(value) || value.source().equals("false");
  }

  private static boolean isTrue(Value value) {
    return value != null && value.source().equals("true");
  }

  private static boolean isAbsent(Value value) {
    return value == null || value.source().equals("null");
  }

  private static void frames(CommandParser parser, byte[] input, Value body) {
    List<Command> frames;
    try {
      frames = parser.parse(input);
    } catch (RefusedException e) {
      assertThat(e.refusal().status()).isIn(400, 413);
      assertThat(
              body == null
                  || !body.isArray()
                  || body.parts().size() > CommandParser.MAX_FRAMES
                  || input.length > SETTINGS.maxTunnel()
                  || !body.parts().stream().allMatch(part -> isText(part.value())))
          .isTrue();
      return;
    }
    assertThat(body).isNotNull();
    assertThat(body.isArray()).isTrue();
    assertThat(frames)
        .extracting(frame -> ((Frame) frame).text())
        .isEqualTo(body.parts().stream().map(part -> part.value().scalar()).toList());
  }

  private static boolean isText(Value value) {
    return value.isString() && StandardCharsets.UTF_8.newEncoder().canEncode(value.scalar());
  }
}
