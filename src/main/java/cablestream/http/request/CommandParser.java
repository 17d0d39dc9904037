package cablestream.http.request;

import cablestream.browser.Command;
import cablestream.browser.Command.Malformed;
import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.browser.Mode;
import cablestream.http.request.JsonTree.Member;
import cablestream.http.request.JsonTree.Members;
import cablestream.http.request.JsonTree.TooDeep;
import cablestream.log.Identifier;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.text.Utf8;
import jakarta.json.JsonException;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import jakarta.json.stream.JsonParsingException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Parses the POSTs of a session by its mode: commands (protocol section 3) or a tunnel's frames
 * (section 9). {@link RequestReader} chooses the mode; only this class parses by it.
 *
 * <p>Any thread. An invalid body throws a {@link RefusedException}; an invalid command becomes a
 * {@link Malformed} in its place.
 */
public final class CommandParser {
  /**
   * The largest number of frames in one POST. A body of 48 KiB, the most that cablestream.js sends,
   * contains some 1,200 of Action Cable's shortest commands.
   */
  static final int MAX_FRAMES = 4_096;

  /** The text, the parser's copy, and up to three strings of it in the tree. */
  private static final long WEIGHT_OF_BYTE = 10;

  /** The length of a body in bytes. */
  private static final int SMALL = 1024;

  /** The length of a chan_id in bytes. */
  private static final int CHAN_ID = 16;

  private static final String IDENTIFIER = "identifier";
  private static final String SUBSCRIBE = "subscribe";
  private static final String UNSUBSCRIBE = "unsubscribe";
  private static final String SEND = "send";
  private static final Set<String> MEMBERS = Set.of(IDENTIFIER, SUBSCRIBE, UNSUBSCRIBE, SEND);

  private static final List<JsonTree> FLAGS = List.of(JsonTree.TRUE, JsonTree.FALSE, JsonTree.NULL);

  private static final String ONE_VERB =
      "a command needs exactly one of subscribe, unsubscribe and send";

  // Finding the provider is expensive, so it is done once. Depth is limited for each command below;
  // the parser's own limit would fail the whole body.
  private static final JsonParserFactory PARSERS =
      JsonProvider.provider()
          .createParserFactory(Map.of("org.eclipse.parsson.maxDepth", Integer.MAX_VALUE));

  private final BodyLimit limit;
  private final int maxElements;
  private final int maxDepth;

  /** Values in a body; those that count for its weight. */
  private final int maxValues;

  private final BiFunction<JsonParser, Event, Command> element;
  private final boolean listsResults;

  /** The parser for sessions of that mode. */
  public CommandParser(Mode mode, HttpSettings.Bodies settings) {
    maxDepth = settings.maxDepth();
    switch (mode) {
      case CHANNELS -> {
        limit = new BodyLimit("max-body", settings.max());
        maxElements = settings.maxCommands();
        maxValues = Integer.MAX_VALUE;
        element = this::command;
        listsResults = true;
      }
      case TUNNEL -> {
        limit = new BodyLimit("max-tunnel-body", settings.maxTunnel());
        maxElements = MAX_FRAMES;
        maxValues = MAX_FRAMES;
        element = CommandParser::frame;
        listsResults = false;
      }
      default -> throw new IllegalArgumentException(mode.name());
    }
  }

  /** The largest body. */
  public BodyLimit limit() {
    return limit;
  }

  /**
   * Reserves the memory of what a body is parsed into; for a small one its request's charge
   * suffices.
   *
   * @return false if there is no room now
   */
  public boolean reserve(byte[] body, Holder holder) {
    return body.length <= SMALL || holder.reserve(Kind.BODY, weight(body));
  }

  /**
   * The largest size of a body in the heap while it is read, in bytes: each of its structural
   * characters may begin a value, which is an object of its own.
   */
  long weight(byte[] body) {
    long values = 1;
    for (byte b : body) {
      if (b == ',' || b == ':' || b == '[' || b == '{') {
        values++;
      }
    }
    return WEIGHT_OF_BYTE * body.length + JsonTree.WEIGHT * Math.min(values, maxValues);
  }

  /**
   * Parses a body within the {@link #limit}, for which {@link #reserve} must have made room until
   * the commands are carried out.
   *
   * @throws RefusedException 400 if it isn't a JSON array in UTF-8, or if one of a tunnel's
   *     elements isn't a string that UTF-8 can encode, 413 if it has too many elements
   */
  public List<Command> parse(byte[] body) {
    try (JsonParser parser = PARSERS.createParser(new StringReader(text(body)))) {
      if (parser.next() != Event.START_ARRAY) {
        throw new RefusedException(400, "the body must be a JSON array");
      }
      List<Command> elements = new ArrayList<>();
      for (Event event = parser.next(); event != Event.END_ARRAY; event = parser.next()) {
        if (elements.size() == maxElements) {
          throw new RefusedException(
              413, "the body's array has more than " + maxElements + " elements");
        }
        elements.add(element.apply(parser, event));
      }
      parser.hasNext(); // throws if anything follows the array
      return elements;
    } catch (JsonParsingException e) {
      throw new RefusedException(
          400,
          "the body isn't JSON: see line %d, column %d"
              .formatted(e.getLocation().getLineNumber(), e.getLocation().getColumnNumber()));
    } catch (JsonException | NoSuchElementException e) {
      throw new RefusedException(400, "the body isn't JSON");
    }
  }

  /**
   * The results that the response lists: one for each command, in order. For a tunnel's frames
   * none: one that can't be delivered closes the tunnel.
   */
  public List<CommandResult> listed(List<CommandResult> results) {
    return listsResults ? results : List.of();
  }

  private static String text(byte[] body) {
    String text = Utf8.decode(body);
    if (text == null) {
      throw new RefusedException(400, "the body isn't UTF-8");
    }
    return text;
  }

  private static Command frame(JsonParser parser, Event event) {
    String text = event == Event.VALUE_STRING ? parser.getString() : null;
    if (text == null || !Utf8.canEncode(text)) {
      throw new RefusedException(
          400, "each frame must be a string, without half a surrogate pair in it");
    }
    return new Command.Frame(text);
  }

  private Command command(JsonParser parser, Event event) {
    // The command itself is one level more than its contents.
    JsonTree tree = JsonTree.read(parser, event, maxDepth + 1);
    if (tree instanceof TooDeep) {
      return new Malformed(null, "nested deeper than " + maxDepth + " levels");
    }
    if (!(tree instanceof Members object)) {
      return new Malformed(null, "a command must be a JSON object");
    }
    Map<String, JsonTree> members = new HashMap<>();
    for (Member member : object.members()) {
      String name = member.name();
      if (MEMBERS.contains(name) && members.put(name, member.value()) != null) {
        return new Malformed(null, "the member " + name + " appears twice");
      }
    }
    return command(members);
  }

  private static Command command(Map<String, JsonTree> members) {
    JsonTree spelling = members.get(IDENTIFIER);
    if (!(spelling instanceof Members)) {
      return new Malformed(null, "identifier must be a JSON object");
    }
    if (spelling.hasDuplicates()) {
      return new Malformed(null, "the identifier has two members of the same name");
    }
    String chanId = Digest.of(spelling.canonical()).hex(CHAN_ID);
    return command(new Identifier(spelling.compact(), chanId), members);
  }

  private static Command command(Identifier identifier, Map<String, JsonTree> members) {
    // Clients with fixed structures send null for what they leave out.
    JsonTree subscribe = members.getOrDefault(SUBSCRIBE, JsonTree.NULL);
    JsonTree unsubscribe = members.getOrDefault(UNSUBSCRIBE, JsonTree.NULL);
    JsonTree send = members.getOrDefault(SEND, JsonTree.NULL);
    if (!FLAGS.contains(subscribe) || !FLAGS.contains(unsubscribe)) {
      return new Malformed(identifier, "subscribe and unsubscribe must be true");
    }
    if (!send.equals(JsonTree.NULL) && !(send instanceof Members)) {
      return new Malformed(identifier, "send must be a JSON object");
    }
    List<Command> asked = new ArrayList<>();
    if (subscribe.equals(JsonTree.TRUE)) {
      asked.add(new Command.Subscribe(identifier));
    }
    if (unsubscribe.equals(JsonTree.TRUE)) {
      asked.add(new Command.Unsubscribe(identifier));
    }
    if (send instanceof Members) {
      asked.add(new Command.Send(identifier, send.compact()));
    }
    return asked.size() == 1 ? asked.get(0) : new Malformed(identifier, ONE_VERB);
  }
}
