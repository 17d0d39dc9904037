package cablestream.hardening;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Common to all kinds of attacks: a bystander that must not notice them. */
abstract class Attacks {
  final Victim victim;
  final CableServer cable;

  Attacks(Victim victim) {
    this.victim = victim;
    cable = victim.cable();
  }

  @BeforeEach
  void aBystanderListens() {
    victim.bystander();
  }

  @AfterEach
  void theBystanderHasNoticedNothing() {
    victim.bystander().hasNoticedNothing();
  }
}
