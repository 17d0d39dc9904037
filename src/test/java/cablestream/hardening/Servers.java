package cablestream.hardening;

import cablestream.support.RawWebSocketServer.Peer;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.util.List;

/** What an ActionCable server can do, or whoever has made one do it. */
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
        new Attack("messages of 15 MB of line feeds", Servers::lineFeeds),
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

  /** Streams that are never read, each with a subscription, after which the server says that. */
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
    streams(
        siege,
        6,
        (session, peer) -> large(peer, "{\"message\":1,\"identifier\":\"", MIB, 15, "\"}"));
  }

  private static void longReasons(Siege siege) {
    String head = "{\"type\":\"disconnect\",\"reconnect\":true,\"reason\":\"";
    streams(siege, 6, (session, peer) -> large(peer, head, MIB, 15, "\"}"));
  }

  private static void lineFeeds(Siege siege) {
    String head = "{\"identifier\":" + CableSession.quoted(CableSession.ECHO) + ",\"message\":";
    streams(siege, 6, (session, peer) -> large(peer, head, "\n".repeat(1 << 20), 15, "1}"));
  }

  /** In pieces of a mebibyte. */
  private static void large(Peer peer, String head, String piece, int times, String tail)
      throws IOException {
    peer.frame(TEXT, head);
    for (int i = 0; i < times; i++) {
      peer.frame(CONTINUATION, piece);
    }
    peer.frame(FIN | CONTINUATION, tail);
  }

  /** How somebody listens to what comes through a tunnel. */
  private interface Listening {
    void to(Siege siege, Visitor visitor);
  }

  private static void stream(Siege siege, Visitor visitor) {
    siege.mob().member(visitor.stream("").bytes()).go();
  }

  /** The poll that opens it, and others for what comes then. */
  private static void poll(Siege siege, Visitor visitor) {
    for (int i = 0; i < 4; i++) {
      siege.mob().member(visitor.request("GET", "timeout=5").bytes()).go();
    }
  }

  private static void tunnels(Siege siege, String character, Listening listening) {
    String mebibyte = character.repeat(1 << 20);
    String name =
        siege.hostile(
            peer -> {
              CableSession session = new CableSession(peer);
              session.greet();
              for (int i = 0; i < 4 && !siege.isOver(); i++) {
                large(peer, "", mebibyte, 4, "");
              }
              while (!siege.isOver()) {
                ManyCallers.pause();
              }
            });
    for (int i = 0; i < siege.connections(10); i++) {
      listening.to(siege, siege.visitor("protocol=actioncable-v1-json&attack=" + name));
    }
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
    String hints = "HTTP/1.1 103 Early Hints\r\nLink: <" + "x".repeat(8_000) + ">\r\n\r\n";
    upgrades(
        siege,
        6,
        peer -> {
          for (int i = 0; i < 50_000 && !siege.isOver(); i++) {
            peer.write(hints);
          }
        });
  }

  private static void upgrades(Siege siege, int many, CableServer.Attack attack) {
    String name = siege.hostile(attack);
    for (int i = 0; i < siege.connections(many); i++) {
      siege.mob().member(siege.visitor("attack=" + name).stream("").bytes()).go();
    }
  }
}
