package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The server of all other tests behaves as the documented facts about Rails say. */
class RailsServerIT {
  @Test
  void aDirectWebSocketIsWelcomedConfirmedAndEchoed() throws Exception {
    try (RailsServer rails = RailsServer.start()) {
      BlockingQueue<String> frames = new LinkedBlockingQueue<>();
      WebSocket socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .subprotocols("actioncable-v1-json")
              .header("Origin", "http://127.0.0.1:" + rails.port())
              .buildAsync(URI.create(rails.cableUrl() + "?token=ann"), new Recorder(frames))
              .get(10, TimeUnit.SECONDS);
      assertThat(frames.poll(5, TimeUnit.SECONDS)).isEqualTo("{\"type\":\"welcome\"}");

      socket.sendText(
          "{\"command\":\"subscribe\",\"identifier\":\"{\\\"channel\\\":\\\"EchoChannel\\\"}\"}",
          true);
      assertThat(frames.poll(5, TimeUnit.SECONDS)).contains("confirm_subscription");
      assertThat(rails.connections("ann")).hasSize(1);
      assertThat(rails.connections("ann").get(0).getJsonArray("subscriptions").getString(0))
          .isEqualTo("{\"channel\":\"EchoChannel\"}");

      rails.disconnect("ann", false);
      assertThat(frames.poll(5, TimeUnit.SECONDS))
          .isEqualTo("{\"type\":\"disconnect\",\"reason\":\"remote\",\"reconnect\":false}");
    }
  }

  private record Recorder(BlockingQueue<String> frames) implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      if (!data.toString().contains("\"ping\"")) {
        frames.add(data.toString());
      }
      socket.request(1);
      return null;
    }
  }
}
