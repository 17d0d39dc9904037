package cablestream.hardening;

import cablestream.support.wire.Visitor;
import java.util.List;

/** Attacks by callers whom the Action Cable server accepts. */
final class ManyCallers {
  private ManyCallers() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack(
            "sends to an unconfirmed subscription, identifiers of 62 KB", ManyCallers::unconfirmed),
        new Attack("polls of a session's history, never read", siege -> history(siege, 1)),
        new Attack("polls of fifty histories, never read", siege -> history(siege, 50)),
        new Attack("polls of one session by the thousand", ManyCallers::pollStorm),
        new Attack("streams of one session that replace each other", ManyCallers::replacements),
        new Attack(
            "idempotency keys with the largest answers",
            siege -> keys(siege, Siege.size(5_000, 500))),
        Attack.filling("the largest identifiers", siege -> identifiers(siege, 'x', 900)),
        Attack.filling(
            "the largest identifiers, not Latin-1", siege -> identifiers(siege, 'ж', 440)),
        Attack.filling("sessions with the largest headers", ManyCallers::headers),
        new Attack("cursors of 7 KB", ManyCallers::cursors),
        new Attack(
            "sessions that end for good", siege -> endedForGood(siege, Siege.size(10_000, 1_000))),
        new Attack("streams with a ping each second", ManyCallers::pings),
        new Attack("tunnels with frames of 1 MB, never taken", ManyCallers::frames));
  }

  /**
   * Sessions, listeners, headers, subscriptions, responses, remembered responses, ended sessions.
   */
  static void everything(Siege siege) {
    endedForGood(siege, 4_500);
    for (int i = 0; i < 140; i++) {
      keys(siege, 6);
    }
    history(siege, 60);
    unconfirmed(siege);
    identifiers(siege, 'ж', 440);
    headers(siege);
    pings(siege);
  }

  private static void unconfirmed(Siege siege) {
    String identifier = "{\"channel\":\"NeverChannel\",\"a\":\"" + "x".repeat(62_000) + "\"}";
    for (int i = 0; i < 10; i++) {
      Visitor visitor = siege.visitor();
      visitor.poll("timeout=0");
      visitor.subscribe(identifier);
      byte[] send =
          visitor
              .request("POST", "")
              .body("[{\"identifier\":" + identifier + ",\"send\":{}}]")
              .bytes();
      for (int j = 0; j < siege.connections(1_500) / 10; j++) {
        siege.mob().member(send).go();
      }
    }
  }

  private static void history(Siege siege, int sessions) {
    String flood =
        siege.hostile(
            peer -> {
              CableSession session = new CableSession(peer);
              session.greet();
              session.obeyOnce();
              String message = "\"" + "x".repeat(10_000) + "\"";
              for (int i = 0; i < 50; i++) {
                session.message(CableSession.ECHO, message);
              }
              session.obey(ignored -> {});
            });
    for (int i = 0; i < sessions; i++) {
      Visitor visitor = siege.visitor("attack=" + flood);
      visitor.poll("timeout=0");
      visitor.subscribe(CableSession.ECHO);
      visitor.poll("timeout=1&poll-queue=1000");
      byte[] poll = visitor.request("GET", "last-event-id=0&poll-queue=1000&timeout=0").bytes();
      for (int j = 0; j < siege.connections(Siege.size(1_300, 400)) / sessions; j++) {
        siege.mob().member(poll).go();
      }
    }
  }

  private static void pollStorm(Siege siege) {
    Visitor visitor = siege.visitor();
    visitor.poll("timeout=0");
    byte[] poll = visitor.request("GET", "timeout=60").bytes();
    for (int i = 0; i < siege.connections(500); i++) {
      siege.mob().member(poll).again(Siege.size(100, 20), poll).go();
    }
  }

  private static void replacements(Siege siege) {
    Visitor visitor = siege.visitor();
    visitor.poll("timeout=0");
    visitor.subscribe(CableSession.NUMBERS);
    byte[] stream = visitor.stream("last-event-id=0").bytes();
    for (int i = 0; i < siege.connections(Siege.size(2_000, 700)); i++) {
      siege.mob().member(stream).go();
    }
  }

  private static void keys(Siege siege, int many) {
    Visitor visitor = siege.visitor();
    visitor.poll("timeout=0");
    // An error for each of a hundred commands, which is longer than the command.
    String body = "[" + "{},".repeat(99) + "{}]";
    siege.crowd(
        many,
        i -> visitor.request("POST", "").header("Idempotency-Key", i + "k".repeat(120)).body(body));
  }

  private static void identifiers(Siege siege, char letter, int length) {
    int sessions = Siege.size(300, 60);
    for (int i = 0; i < sessions; i++) {
      Visitor visitor = siege.visitor();
      visitor.poll("timeout=0");
      for (int batch = 0; batch < 2; batch++) {
        StringBuilder body = new StringBuilder("[");
        for (int j = 0; j < 50; j++) {
          body.append(j == 0 ? "" : ",").append("{\"identifier\":{\"a\":");
          body.append(100 * batch + j).append(",\"b\":\"");
          body.append(String.valueOf(letter).repeat(length)).append("\"},\"subscribe\":true}");
        }
        visitor.postBody(body.append(']').toString());
      }
    }
  }

  private static void headers(Siege siege) {
    String half = "x".repeat(3_500);
    siege.crowd(
        Siege.size(1_000, 250),
        i ->
            siege
                .ending(
                    Visitor.of(siege.site()).with("Authorization", half).with("User-Agent", half))
                .request("GET", "timeout=0"));
  }

  private static void cursors(Siege siege) {
    Visitor visitor = siege.visitor();
    visitor.poll("timeout=0");
    byte[] poll =
        visitor.request("GET", "timeout=30").header("Last-Event-ID", "x".repeat(7_000)).bytes();
    for (int i = 0; i < siege.connections(500); i++) {
      siege.mob().member(poll).again(20, poll).go();
    }
  }

  private static void endedForGood(Siege siege, int many) {
    String ending =
        siege.hostile(
            peer -> {
              CableSession session = new CableSession(peer);
              session.greet();
              session.say(
                  "{\"type\":\"disconnect\",\"reason\":\"unauthorized\",\"reconnect\":false}");
            });
    siege.crowd(many, i -> Visitor.of(siege.site()).request("GET", "timeout=0&attack=" + ending));
  }

  private static void pings(Siege siege) {
    for (int i = 0; i < siege.connections(Siege.size(300, 100)); i++) {
      siege.mob().member(siege.visitor().stream("ping=1").bytes()).go();
    }
  }

  private static void frames(Siege siege) {
    String deaf =
        siege.hostile(
            peer -> {
              new CableSession(peer).greet();
              while (!siege.isOver()) {
                pause();
              }
            });
    String body = "[\"" + "x".repeat(1_000_000) + "\"]";
    for (int i = 0; i < siege.connections(100); i++) {
      Visitor visitor = siege.visitor("protocol=a&attack=" + deaf);
      siege.mob().member(visitor.stream("").bytes()).go();
      for (int j = 0; j < 2; j++) {
        siege.mob().member(visitor.request("POST", "").body(body).bytes()).go();
      }
    }
  }

  static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
