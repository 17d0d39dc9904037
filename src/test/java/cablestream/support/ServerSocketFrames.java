package cablestream.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The server's side of RFC 6455, as far as the tests' servers need it. It enforces no rules, so a
 * test can violate them.
 */
public final class ServerSocketFrames {
  public static final int FINAL = 0x80;
  public static final int TEXT = 1;
  public static final int CLOSE = 8;

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int MASKED = 0x80;

  /**
   * A frame as received, unmasked.
   *
   * @param first FIN and the opcode
   */
  public record Frame(int first, byte[] payload) {
    public int opcode() {
      return first & 0x0F;
    }

    public String text() {
      return new String(payload, UTF_8);
    }
  }

  private ServerSocketFrames() {}

  /** Reads the head of a request, including its blank line. */
  public static String readHead(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /** A header of a request's head; empty if it is missing. */
  public static String header(String head, String name) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  /**
   * The response that upgrades a connection.
   *
   * @param head of the request
   * @param line a header in addition to the mandatory ones
   */
  public static byte[] upgrade(String head, String line) {
    try {
      byte[] key = (header(head, "Sec-WebSocket-Key") + GUID).getBytes(US_ASCII);
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(key);
      return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + line
              + "\r\nSec-WebSocket-Accept: "
              + Base64.getEncoder().encodeToString(hash)
              + "\r\n\r\n")
          .getBytes(ISO_8859_1);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The response that upgrades to Action Cable's subprotocol. */
  public static byte[] upgrade(String head) {
    return upgrade(head, "Sec-WebSocket-Protocol: actioncable-v1-json");
  }

  public static Frame read(DataInputStream in) throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    int length = second & 0x7F;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = Math.toIntExact(in.readLong());
    }
    byte[] mask = new byte[4];
    if ((second & MASKED) != 0) {
      in.readFully(mask);
    }
    byte[] payload = new byte[length];
    in.readFully(payload);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i & 3];
    }
    return new Frame(first, payload);
  }

  /**
   * Writes a frame in pieces.
   *
   * @param first FIN and the opcode
   */
  public static void write(OutputStream out, int first, byte[] payload) throws IOException {
    out.write(first);
    int length = payload.length;
    if (length < 126) {
      out.write(length);
    } else if (length < 1 << 16) {
      out.write(126);
      out.write(length >> 8);
      out.write(length);
    } else {
      out.write(127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) length >> shift));
      }
    }
    out.write(payload);
  }
}
