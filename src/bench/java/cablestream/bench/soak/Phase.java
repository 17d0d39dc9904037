package cablestream.bench.soak;

import cablestream.support.Firewall;
import java.io.IOException;

/** The phases that a bridge goes through, one after the other. */
enum Phase {
  CHURN("browsers come, listen and leave, every other crowd without a word") {
    @Override
    void happen(SoakStage stage) {
      long end = System.nanoTime() + CHURN_NANOS;
      for (boolean farewell = true; System.nanoTime() < end; farewell = !farewell) {
        stage.open(stage.sessions() / 10);
        stage.talk();
        stage.leave(farewell);
      }
    }
  },

  HERD("all come at once, and leave without a word") {
    @Override
    void happen(SoakStage stage) {
      stage.openAtOnce(stage.sessions());
      stage.talk();
      stage.leave(false);
    }
  },

  UPGRADE(
      "SIGTERM, which drains, and another process on the same port, to which all come at once") {
    @Override
    void happen(SoakStage stage) throws IOException {
      stage.open(stage.sessions() / 2);
      stage.talk();
      stage.bridge().restart();
      stage.leave(false);
      stage.openAtOnce(stage.sessions() / 2);
      stage.talk();
      stage.leave(true);
    }
  },

  LOST_NETWORK("the packets of all browsers are dropped, and nobody is told") {
    @Override
    void happen(SoakStage stage) {
      if (!Firewall.isThere()) {
        stage.failures().add("left out, as there is no iptables that may be used", 1);
        return;
      }
      stage.openAt(AWAY, stage.sessions() / 4);
      try (Firewall drops = Firewall.around(AWAY)) {
        stage.leave(false);
        stage.awaitNoCables(drops.toString());
      }
    }
  },

  FULL_DESCRIPTORS("the process may open hardly a file more, and then may again") {
    @Override
    void happen(SoakStage stage) throws IOException {
      Descriptors descriptors = Descriptors.of(stage.bridge().pid());
      descriptors.leave(SPARE_DESCRIPTORS);
      stage.open(stage.sessions() / 10);
      stage.leave(true);
      descriptors.restore();
    }
  },

  RAILS_DOWN("the Action Cable server closes each connection at once, for 20 s, and is back") {
    @Override
    void happen(SoakStage stage) {
      stage.withoutServer("close");
    }
  },

  RAILS_SLOW("the Action Cable server takes connections and says nothing, for 20 s, and is back") {
    @Override
    void happen(SoakStage stage) {
      stage.withoutServer("silence");
    }
  };

  private static final long CHURN_NANOS = 60_000_000_000L;
  private static final int SPARE_DESCRIPTORS = 20;

  /** An unused address of the loopback network. */
  private static final String AWAY = "127.77.1.1";

  private final String what;

  Phase(String what) {
    this.what = what;
  }

  String what() {
    return what;
  }

  abstract void happen(SoakStage stage) throws IOException;
}
