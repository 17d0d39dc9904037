package cablestream.e2e;

import cablestream.support.containers.ChildProcess;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import jakarta.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A real Action Cable server: src/e2e/rails, run by puma in a process of its own. */
final class RailsServer implements AutoCloseable {
  private static final Path CONFIGURATION = Path.of("src/e2e/rails/config.ru");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ChildProcess process;
  private final int port;

  /** Starts one with the defaults of Rails, on a free port. */
  static RailsServer start() {
    return start(0, Map.of());
  }

  /**
   * @param port 0 for a free one
   * @param environment see config.ru
   */
  static RailsServer start(int port, Map<String, String> environment) {
    if (!Files.isExecutable(Path.of("/usr/bin/puma"))) {
      throw new AssertionError(
          "These tests need Action Cable: apt-get install ruby-actioncable ruby-zeitwerk puma");
    }
    Map<String, String> all = new HashMap<>(environment);
    all.put("CABLE_STOP_WITH_STDIN", "1");
    List<String> command =
        List.of(
            "/usr/bin/puma",
            "-e",
            "production",
            "-b",
            "tcp://127.0.0.1:" + port,
            "-t",
            "5:5",
            CONFIGURATION.toAbsolutePath().toString());
    ChildProcess process = ChildProcess.start(ChildProcess.newDirectory("rails"), all, command);
    try {
      return new RailsServer(process);
    } catch (AssertionError e) {
      process.close();
      throw e;
    }
  }

  private RailsServer(ChildProcess process) {
    this.process = process;
    Pattern listening = Pattern.compile("Listening on http://127\\.0\\.0\\.1:(\\d+)");
    port = Integer.parseInt(process.await(0, listening, PATIENCE).group(1));
  }

  int port() {
    return port;
  }

  String cableUrl() {
    return "ws://127.0.0.1:" + port + "/cable";
  }

  /** Sends a message to all subscribers of a stream. */
  void broadcast(String stream, String json) {
    control("/broadcast?stream=" + encode(stream) + "&json=" + encode(json));
  }

  /** Disconnects a user, as {@code remote_connections} does. */
  void disconnect(String user, boolean reconnect) {
    control("/disconnect?user=" + encode(user) + "&reconnect=" + reconnect);
  }

  /** Closes all connections with the reason {@code server_restart}. */
  void restart() {
    control("/restart");
  }

  /** The open connections of a user: {@code {"user": …, "subscriptions": […]}}. */
  List<JsonObject> connections(String user) {
    return control("/connections").jsonArray().getValuesAs(JsonObject.class).stream()
        .filter(connection -> connection.getString("user", "").equals(user))
        .toList();
  }

  /** How many connections were opened with this in the parameter {@code token}. */
  int dials(String token) {
    return control("/dials?token=" + encode(token)).json().getInt("dials");
  }

  private RawResponse control(String target) {
    RawResponse answer = RawRequest.of("POST", port, "/control" + target).body("").send();
    if (answer.status() != 200) {
      throw new AssertionError(target + ": " + answer);
    }
    return answer;
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  String log() {
    return process.log();
  }

  @Override
  public void close() {
    process.close();
  }
}
