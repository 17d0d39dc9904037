package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Nginx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All known attacks, on a bridge with a heap of 96 MiB: it survives, its heap stays within the
 * documented promise, and regular clients notice nothing.
 *
 * <p>{@code -Dattacks.report=true} carries them out in full, each on each container, on two of them
 * directly and on the third through nginx or the other way round, and writes the table in
 * SECURITY.md. By default each attack has one place in turn and is brief, and the waits of others
 * aren't judged, because they mean little beside other tests. {@code -Dattacks.only=REGEX} selects
 * attacks by name, {@code -Dattacks.place=REGEX} any of the places, {@code
 * -Dattacks.heap=MEBIBYTES} and {@code -Dattacks.options=…} configure the virtual machine.
 */
class AttacksIT {
  private static final Map<Place, Siege> SIEGES = new EnumMap<>(Place.class);
  private static final AttackTable TABLE = new AttackTable();
  private static final String ONLY = System.getProperty("attacks.only", "");
  private static final String WHERE = System.getProperty("attacks.place", "");

  static Stream<Arguments> attacks() {
    List<Attack> attacks = new ArrayList<>(Strangers.attacks());
    attacks.addAll(ManyCallers.attacks());
    attacks.addAll(Servers.attacks());
    Pattern only = Pattern.compile(ONLY);
    Pattern where = Pattern.compile(WHERE);
    return Stream.iterate(0, i -> i < attacks.size(), i -> i + 1)
        .filter(i -> only.matcher(attacks.get(i).name()).find())
        .flatMap(
            i ->
                places(i)
                    .filter(place -> where.matcher(place.toString()).find())
                    .map(place -> Arguments.of(attacks.get(i), place)));
  }

  /** All selected places; in full, each container; otherwise one place in turn. */
  private static Stream<Place> places(int attack) {
    List<Place> all = Place.all();
    if (!WHERE.isEmpty()) {
      return all.stream();
    }
    if (Siege.FULL) {
      return all.stream().filter(place -> place.isInTurn(attack) || !Nginx.isThere());
    }
    return Stream.of(all.get(attack % all.size()));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("attacks")
  void isWithstood(Attack attack, Place place) {
    Siege siege = SIEGES.computeIfAbsent(place, Siege::new);
    Outcome outcome = siege.endure(attack);
    TABLE.add(outcome);
    if (!outcome.failures().isEmpty()) {
      SIEGES.remove(place).close();
    }
    assertThat(outcome.failures()).as("%s: %s", attack, place).isEmpty();
  }

  @AfterAll
  static void tell() throws IOException {
    SIEGES.values().forEach(Siege::close);
    System.out.print(TABLE.text());
    if (Siege.FULL && ONLY.isEmpty()) {
      TABLE.publish();
    }
  }
}
