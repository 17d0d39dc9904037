package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Idle streams behind all the proxies at once. */
class IdleStreamIT {
  /** Longer than the 60 s after which each of the proxies ends a silent connection. */
  private static final Duration LONG = Duration.ofSeconds(90);

  @Test
  void anIdleStreamIsAliveAfterNinetySecondsOfHeartbeatsAlone() {
    Map<ProxyProgram, Visitor> visitors = new EnumMap<>(ProxyProgram.class);
    Map<ProxyProgram, EventStream> streams = new LinkedHashMap<>();
    try {
      for (ProxyProgram program : ProxyProgram.values()) {
        Visitor visitor = Stage.proxy(program).visitor();
        visitors.put(program, visitor);
        streams.put(program, visitor.listenTo(ECHO));
      }
      streams.values().iterator().next().expectSilence(LONG);

      streams.forEach(
          (program, stream) -> {
            stream.expectSilence(Duration.ZERO);
            assertThat(stream.comments()).as(program.name()).hasSizeBetween(5, 7);
            visitors.get(program).post(echo(ECHO, "still there"));
            assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
                .isEqualTo("still there");
          });
    } finally {
      streams.values().forEach(EventStream::close);
    }
  }
}
