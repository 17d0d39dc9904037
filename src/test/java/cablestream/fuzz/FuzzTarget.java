package cablestream.fuzz;

import cablestream.cable.CableFrameFuzz;
import cablestream.http.request.CommandParserFuzz;
import cablestream.log.EventEncoderFuzz;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The fuzzed parts: those that parse untrusted bytes. */
enum FuzzTarget {
  CABLE_FRAME(CableFrameFuzz.class, CableFrameFuzz::fuzzerTestOneInput),
  COMMAND_PARSER(CommandParserFuzz.class, CommandParserFuzz::fuzzerTestOneInput),
  EVENT_ENCODER(EventEncoderFuzz.class, EventEncoderFuzz::fuzzerTestOneInput);

  private final Class<?> type;
  private final Consumer<byte[]> test;

  FuzzTarget(Class<?> type, Consumer<byte[]> test) {
    this.type = type;
    this.test = test;
  }

  String className() {
    return type.getName();
  }

  /** Initial inputs, and those that once revealed a fault: one per file. */
  Path seeds() {
    return Path.of("src/test/fuzz", type.getSimpleName());
  }

  void run(byte[] input) {
    test.accept(input);
  }
}
