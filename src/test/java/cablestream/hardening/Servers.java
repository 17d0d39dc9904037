package cablestream.hardening;

import cablestream.support.RawWebSocketServer.Peer;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Attacks by an Action Cable server, or by clients who make one do it. */
final class Servers {
  private static final int TEXT = 0x1;
  private static final int CONTINUATION = 0x0;
  private static final int FIN = 0x80;
  private static final String MIB = "x".repeat(1 << 20);

  private Servers() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("40 messages of 15 MB without an end", siege -> unfinished(siege, 40)),
        new Attack("60 messages of 15 MB, listeners that never read", siege -> finished(siege, 60)),
        new Attack("fragments of one byte", Servers::fragments),
        new Attack("a flood of pings", Servers::pings),
        new Attack("messages without an end, listeners that never read", Servers::flood),
        new Attack("a close without the end of its connection", Servers::halfClosed),
        new Attack("upgrades of a byte a second", Servers::slowUpgrades),
        new Attack("upgrades with headers of 15 KB", Servers::largeUpgrades),
        new Attack("upgrades with 4,000 header fields", Servers::manyFields),
        new Attack("upgrades with endless early hints", Servers::earlyHints),
        new Attack("frames that are nearly all identifier", Servers::longIdentifiers),
        new Attack("frames that are nearly all reason to disconnect", Servers::longReasons),
        new Attack("messages that are nearly all line feeds", Servers::lineFeeds),
        new Attack("line feeds through tunnels", siege -> tunnels(siege, "\n", Servers::stream)),
        new Attack(
            "control characters through polled tunnels",
            siege -> tunnels(siege, "\u0001", Servers::poll)));
  }

  /** Logs and messages. */
  static void everything(Siege siege) {
    flood(siege);
    unfinished(siege, 20);
  }

  private interface Saying {
    void by(CableSession session, Peer peer) throws IOException;
  }

  /** Streams that are never read, each with a subscription, after which the server sends that. */
  private static void streams(Siege siege, int many, Saying saying) {
    String name =
        siege.hostile(
            peer -> {
              CableSession session = new CableSession(peer);
              session.greet();
              session.obeyOnce();
              saying.by(session, peer);
              while (!siege.isOver()) {
                ManyCallers.pause();
              }
            });
    for (int i = 0; i < siege.connections(many); i++) {
      Visitor visitor = siege.visitor("attack=" + name);
      siege.mob().member(visitor.stream("").bytes()).go();
      String subscribe = "[{\"identifier\":" + CableSession.ECHO + ",\"subscribe\":true}]";
      siege.mob().member(visitor.request("POST", "poll-queue=1").body(subscribe).bytes()).go();
    }
  }

  private static void unfinished(Siege siege, int many) {
    streams(
        siege,
        many,
        (session, peer) -> {
          peer.frame(TEXT, MIB);
          for (int i = 0; i < 14; i++) {
            peer.frame(CONTINUATION, MIB);
          }
        });
  }

  private static void finished(Siege siege, int many) {
    streams(
        siege,
        many,
        (session, peer) -> {
          peer.frame(
              TEXT,
              "{\"identifier\":" + CableSession.quoted(CableSession.ECHO) + ",\"message\":\"");
          for (int i = 0; i < 15; i++) {
            peer.frame(CONTINUATION, MIB);
          }
          peer.frame(FIN | CONTINUATION, "\"}");
        });
  }

  private static void fragments(Siege siege) {
    streams(
        siege,
        20,
        (session, peer) -> {
          peer.frame(TEXT, "\"");
          byte[] bytes = new byte[3 * 1_000];
          for (int i = 0; i < bytes.length; i += 3) {
            bytes[i] = CONTINUATION;
            bytes[i + 1] = 1;
            bytes[i + 2] = 'x';
          }
          for (int i = 0; i < Siege.size(1_000, 100) && !siege.isOver(); i++) {
            peer.write(bytes);
          }
        });
  }

  private static void pings(Siege siege) {
    streams(
        siege,
        20,
        (session, peer) -> {
          for (int i = 0; i < Siege.size(100_000, 5_000) && !siege.isOver(); i++) {
            peer.frame(0x89, "x".repeat(100));
            session.say("{\"type\":\"ping\",\"message\":1}");
          }
        });
  }

  private static void flood(Siege siege) {
    String message = "\"" + "x".repeat(10_000) + "\"";
    streams(
        siege,
        100,
        (session, peer) -> {
          for (int i = 0; i < 2_000 && !siege.isOver(); i++) {
            session.message(CableSession.ECHO, message);
          }
        });
  }

  private static void halfClosed(Siege siege) {
    streams(siege, Siege.size(200, 60), (session, peer) -> peer.write((byte) 0x88, (byte) 0));
  }

  private static void longIdentifiers(Siege siege) {
    large(siege, "{\"message\":1,\"identifier\":\"€", MIB, "\"}");
  }

  private static void longReasons(Siege siege) {
    large(siege, "{\"type\":\"disconnect\",\"reconnect\":true,\"reason\":\"€", MIB, "\"}");
  }

  private static void lineFeeds(Siege siege) {
    String head = "{\"identifier\":" + CableSession.quoted(CableSession.ECHO) + ",\"message\":[0,";
    large(siege, head, "\n".repeat(1 << 20), "1]}");
  }

  /**
   * Several sessions, each with one message after the other: a single one may find room by chance.
   */
  private static void large(Siege siege, String head, String mebibyte, String tail) {
    CountDownLatch said = new CountDownLatch(12);
    streams(
        siege,
        4,
        (session, peer) -> {
          while (!siege.isOver()) {
            large(peer, head, mebibyte, tail);
            said.countDown();
          }
        });
    await(said);
  }

  /** Allows for slow machines, and for a bridge that stops reading while a log is full. */
  private static void await(CountDownLatch said) {
    try {
      said.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** In pieces of one mebibyte, up to the largest allowed message. */
  private static void large(Peer peer, String head, String mebibyte, String tail)
      throws IOException {
    peer.frame(TEXT, head);
    for (int i = 0; i < (Siege.HEAP_MEBIBYTES < 128 ? 7 : 15); i++) {
      peer.frame(CONTINUATION, mebibyte);
    }
    peer.frame(FIN | CONTINUATION, tail);
  }

  /** How a client receives what arrives through a tunnel. */
  private interface Listening {
    void to(Siege siege, Visitor visitor);
  }

  private static void stream(Siege siege, Visitor visitor) {
    siege.mob().member(visitor.stream("").bytes()).go();
  }

  private static void poll(Siege siege, Visitor visitor) {
    CableServer.start(
        "poll",
        () -> {
          while (!siege.isOver()) {
            siege.crowd(1, i -> visitor.request("GET", "timeout=1"));
          }
        });
  }

  private static void tunnels(Siege siege, String character, Listening listening) {
    String mebibyte = character.repeat(1 << 20);
    CountDownLatch said = new CountDownLatch(1);
    String name =
        siege.hostile(
            peer -> {
              CableSession session = new CableSession(peer);
              session.greet();
              large(peer, "", mebibyte, "");
              said.countDown();
              while (!siege.isOver()) {
                ManyCallers.pause();
              }
            });
    listening.to(siege, siege.visitor("protocol=actioncable-v1-json&attack=" + name));
    await(said);
  }

  private static void slowUpgrades(Siege siege) {
    upgrades(
        siege,
        Siege.size(250, 150),
        peer -> {
          for (int i = 0; !siege.isOver(); i++) {
            peer.write("HTTP/1.1 101 Switching Protocols\r\n".substring(i % 20, i % 20 + 1));
            ManyCallers.pause();
          }
        });
  }

  private static void largeUpgrades(Siege siege) {
    String lines = ("A: " + "x".repeat(1_000) + "\r\n").repeat(15);
    upgrades(
        siege,
        Siege.size(250, 150),
        peer -> {
          peer.write("HTTP/1.1 101 Switching Protocols\r\n" + lines);
          while (!siege.isOver()) {
            ManyCallers.pause();
          }
        });
  }

  private static void manyFields(Siege siege) {
    upgrades(
        siege,
        Siege.size(250, 150),
        peer -> {
          peer.write("HTTP/1.1 101 Switching Protocols\r\n" + "a:\r\n".repeat(4_000));
          while (!siege.isOver()) {
            ManyCallers.pause();
          }
        });
  }

  private static void earlyHints(Siege siege) {
    String hints = "HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n".repeat(1_000);
    CountDownLatch said = new CountDownLatch(1);
    upgrades(
        siege,
        1,
        peer -> {
          try {
            while (!siege.isOver()) {
              peer.write(hints);
            }
          } finally {
            said.countDown();
          }
        });
    await(said);
  }

  private static void upgrades(Siege siege, int many, CableServer.Behaviour attack) {
    String name = siege.hostile(attack);
    for (int i = 0; i < siege.connections(many); i++) {
      siege.mob().member(siege.visitor("attack=" + name).stream("").bytes()).go();
    }
  }
}
