package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.e2e.EveryContainerIT.Place;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Idle streams behind all the proxies and from all the containers at once. */
class IdleStreamIT {
  /**
   * Longer than the 60 s after which each of the proxies ends a silent connection, and the 30 or 60
   * s after which Jetty ends an idle one and Tomcat an asynchronous or slow request.
   */
  private static final Duration LONG = Duration.ofSeconds(90);

  @Test
  void anIdleStreamIsAliveAfterNinetySecondsOfHeartbeatsAlone() {
    // All servers are started before the first stream, so that the streams are of the same age.
    Map<Enum<?>, Visitor> visitors = new LinkedHashMap<>();
    for (ProxyProgram program : ProxyProgram.values()) {
      visitors.put(program, Stage.proxy(program).visitor());
    }
    for (Place place : Place.values()) {
      visitors.put(place, place.visitor());
    }
    Map<Enum<?>, EventStream> streams = new LinkedHashMap<>();
    try {
      visitors.forEach((where, visitor) -> streams.put(where, visitor.listenTo(ECHO)));
      streams.values().iterator().next().expectSilence(LONG);

      streams.forEach(
          (where, stream) -> {
            stream.expectSilence(Duration.ZERO);
            assertThat(stream.comments()).as(where.name()).hasSizeBetween(5, 7);
            visitors.get(where).post(echo(ECHO, "still there"));
            assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
                .isEqualTo("still there");
          });
    } finally {
      streams.values().forEach(EventStream::close);
    }
  }
}
