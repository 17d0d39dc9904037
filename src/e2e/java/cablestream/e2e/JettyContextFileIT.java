package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** src/deploy/jetty/cablestream.xml, used as its own comment describes. */
class JettyContextFileIT {
  @ParameterizedTest
  @EnumSource(names = {"JETTY_EE10", "JETTY_EE11"})
  void theContextFileDeploysTheWarAndItsSettingsAreInForce(Container container, @TempDir Path base)
      throws IOException {
    Files.createDirectory(base.resolve("webapps"));
    Files.copy(Bridge.WAR, base.resolve("webapps/cablestream.war"));
    Path file = base.resolve("webapps/cablestream.xml");
    String text = Files.readString(Path.of("src/deploy/jetty/cablestream.xml"));
    Files.writeString(
        file,
        text.replace("ws://127.0.0.1:3000/cable", Stage.rails().cableUrl())
            .replace("ee10", container == Container.JETTY_EE10 ? "ee10" : "ee11"));

    try (Bridge bridge =
        Bridge.in(container)
            .option("-Djetty.base=" + base)
            .contextFile(file, "/cable-events")
            .start()) {
      Visitor visitor = bridge.visitor();
      try (EventStream stream = visitor.listenTo(ECHO)) {
        visitor.post(echo(ECHO, "x"));
        stream.next("received");
      }
    }
  }
}
