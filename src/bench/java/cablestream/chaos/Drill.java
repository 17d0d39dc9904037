package cablestream.chaos;

import cablestream.bench.soak.Descriptors;
import cablestream.chaos.NumberingServer.Reception;
import cablestream.chaos.Passage.State;
import java.io.IOException;
import java.util.Locale;

/** The faults that operators fear, one at a time. */
enum Drill {
  KILLED("bridge killed (`kill -9`) and started", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.through(NodeFault.KILLED, 0, 0);
    }
  },

  TERMINATED("bridge terminated (SIGTERM) and started", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.through(NodeFault.TERMINATED, 0, 0);
    }
  },

  STOPPED("bridge stopped (SIGSTOP) for 10 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.through(NodeFault.STOPPED, 0, 10);
    }
  },

  KILLED_BEHIND_HAPROXY("bridge killed behind HAProxy, started 1 s later", DrillSite.PROXIED) {
    @Override
    void happen(DrillStage stage) {
      stage.through(NodeFault.KILLED, 0, 1);
    }
  },

  TERMINATED_BEHIND_HAPROXY("bridge terminated behind HAProxy and started", DrillSite.PROXIED) {
    @Override
    void happen(DrillStage stage) {
      stage.through(NodeFault.TERMINATED, 0, 0);
    }
  },

  CABLES_CUT("all connections to Rails reset", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.cables().become(State.CUT);
      stage.cables().become(State.OPEN);
    }
  },

  CABLES_HANG("the network to Rails hangs for 10 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.cables().become(State.SILENT);
      stage.rest(10);
      stage.cables().become(State.OPEN);
    }
  },

  RAILS_RESTARTED("Rails killed, and there again after 2 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.withoutRails(2);
    }
  },

  RAILS_DOWN("Rails down for 40 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.withoutRails(40);
    }
  },

  RAILS_SLOW(
      "bridge killed and started, Rails takes 2 s for a connection, 4 at once", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.server().authenticateSlowly(4, 2_000);
      stage.through(NodeFault.KILLED, 0, 0);
    }
  },

  RAILS_REFUSES("Rails answers 404 for 20 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.railsMeets(Reception.REFUSED);
    }
  },

  RAILS_CLOSES("Rails closes each connection at once for 20 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.railsMeets(Reception.CLOSED);
    }
  },

  RAILS_SILENT("Rails takes connections and is silent for 20 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.railsMeets(Reception.SILENT);
    }
  },

  RAILS_DEPLOYED("Rails deployed (`disconnect`, `server_restart`)", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.server().deploy();
    }
  },

  BROWSERS_HANG("the network of all browsers hangs for 10 s", DrillSite.ALONE.behind(100)) {
    @Override
    void happen(DrillStage stage) {
      stage.withoutNetwork(State.SILENT, 10);
    }
  },

  BROWSERS_CUT("the network of all browsers is cut for 25 s", DrillSite.ALONE.behind(100)) {
    @Override
    void happen(DrillStage stage) {
      stage.withoutNetwork(State.CUT, 25);
    }
  },

  SLOW_READERS(
      "a tenth reads nothing for 15 s, ten times the messages", DrillSite.ALONE.behind(10)) {
    @Override
    void happen(DrillStage stage) {
      stage.pace(10, false);
      stage.withoutNetwork(State.SILENT, 15);
      stage.pace(1, true);
    }
  },

  BURSTS("twenty times the messages for 10 s, in bursts and up to 200 KB long", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.pace(20, false);
      stage.rest(10);
      stage.pace(1, true);
    }
  },

  SMALL_HEAP(
      "the same with a heap of 64 MiB, and a tenth reads nothing",
      DrillSite.ALONE.behind(10).withFlags("-Xmx64m", "-Xmn16m")) {
    @Override
    void happen(DrillStage stage) {
      stage.pace(20, false);
      stage.withoutNetwork(State.SILENT, 10);
      stage.pace(1, true);
    }
  },

  DESCRIPTORS("no file descriptors left for 10 s, 20 newcomers a second", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) throws IOException {
      Descriptors descriptors = Descriptors.of(stage.node(0).pid());
      descriptors.leave(0);
      stage.flood(20, 10);
      descriptors.restore();
    }
  },

  MAX_SESSIONS(
      "`max-sessions` reached by newcomers of one address for 10 s",
      DrillSite.ALONE.with("max-sessions", "" + (Drills.CLIENTS + 20))) {
    @Override
    void happen(DrillStage stage) {
      stage.flood(20, 10);
    }
  },

  NEWCOMERS("100 newcomers a second of one address for 10 s", DrillSite.ALONE) {
    @Override
    void happen(DrillStage stage) {
      stage.flood(100, 10);
    }
  },

  ROLLING_RESTART("three nodes restarted one after the other (SIGTERM)", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      for (int i = 0; i < stage.site().nodes(); i++) {
        stage.through(NodeFault.TERMINATED, i, 0);
        stage.rest(2);
      }
    }
  },

  ROLLING_RESTART_ANY_NODE(
      "three nodes with a store behind HAProxy, each restarted when the one before is ready",
      DrillSite.ANY_NODE) {
    @Override
    void happen(DrillStage stage) {
      stage.restartEach();
    }
  },

  ROLLING_RESTART_BY_PATH(
      "three nodes behind HAProxy by the path, restarted likewise", DrillSite.BY_PATH) {
    @Override
    void happen(DrillStage stage) {
      stage.restartEach();
    }
  },

  NODE_KILLED("one of three nodes killed, and not started again", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      stage.node(0).begin(NodeFault.KILLED);
    }
  },

  NODE_STOPPED("one of three nodes stopped (SIGSTOP) for 10 s", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      stage.through(NodeFault.STOPPED, 0, 10);
    }
  },

  NODE_ALONE("one of three nodes cut off from the store and the others for 20 s", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      stage.through(NodeFault.ALONE, 0, 20);
    }
  },

  STORE_RESTARTED("store killed, and started empty after 3 s", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      stage.store().kill();
      stage.rest(3);
      stage.store().start();
    }
  },

  STORE_STOPPED("store stopped (SIGSTOP) for 5 s", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      stage.store().signal("STOP");
      stage.rest(5);
      stage.store().signal("CONT");
    }
  },

  STORE_LATE("store late by 1.1 s for 12 s", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      stage.withLateStore(12);
    }
  },

  STORE_FLUSHED("`FLUSHALL` in the store", DrillSite.THREE) {
    @Override
    void happen(DrillStage stage) {
      stage.store().flush();
    }
  };

  private final String title;
  private final DrillSite site;

  Drill(String title, DrillSite site) {
    this.title = title;
    this.site = site;
  }

  /** Returns when the fault is over. */
  abstract void happen(DrillStage stage) throws IOException;

  DrillSite site() {
    return site;
  }

  /** Its name on the command line. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return title;
  }
}
