package cablestream.chaos;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** The form of what a page posts: commands of the classic API, or frames of a tunnel. */
enum Dialect {
  COMMANDS {
    @Override
    String query() {
      return "";
    }

    @Override
    String subscribe(int session) {
      return "[{\"identifier\":" + identifier(session) + ",\"subscribe\":true}]";
    }

    @Override
    String rejected() {
      return "[{\"identifier\":{\"channel\":\"NoChannel\"},\"subscribe\":true}]";
    }

    @Override
    String send(int session, List<Long> numbers) {
      return array(
          numbers,
          number -> "{\"identifier\":" + identifier(session) + ",\"send\":" + data(number) + "}");
    }

    @Override
    String error(JsonArray answer, int place) {
      return answer.getJsonObject(place).getString("error", null);
    }
  },

  FRAMES {
    @Override
    String query() {
      return "protocol=actioncable-v1-json&";
    }

    @Override
    String subscribe(int session) {
      return "[" + frame("subscribe", identifier(session), "") + "]";
    }

    @Override
    String rejected() {
      return "[" + frame("subscribe", "{\"channel\":\"NoChannel\"}", "") + "]";
    }

    @Override
    String send(int session, List<Long> numbers) {
      return array(
          numbers,
          number -> frame("message", identifier(session), ",\"data\":" + quoted(data(number))));
    }

    /** An error ends a tunnel. */
    @Override
    String error(JsonArray answer, int place) {
      return null;
    }

    private String frame(String command, String identifier, String more) {
      return quoted(
          "{\"command\":\"%s\",\"identifier\":%s%s}".formatted(command, quoted(identifier), more));
    }
  };

  /** The beginning of each request's query. */
  abstract String query();

  abstract String subscribe(int session);

  /** A subscribe that the server rejects. */
  abstract String rejected();

  abstract String send(int session, List<Long> numbers);

  /** The error of one of the commands in the response; null for success. */
  abstract String error(JsonArray answer, int place);

  private static String identifier(int session) {
    return "{\"channel\":\"NumbersChannel\",\"session\":" + session + "}";
  }

  private static String data(long number) {
    return "{\"action\":\"count\",\"c\":" + number + "}";
  }

  private static String quoted(String text) {
    return Json.createValue(text).toString();
  }

  private static String array(List<Long> numbers, LongFunction<String> element) {
    return numbers.stream().map(element::apply).collect(Collectors.joining(",", "[", "]"));
  }
}
