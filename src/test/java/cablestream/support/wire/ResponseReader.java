package cablestream.support.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Parses an HTTP/1.1 response as it arrives. */
public final class ResponseReader {
  private final InputStream input;

  public ResponseReader(InputStream input) {
    this.input = input;
  }

  public static ResponseReader of(Socket socket) throws IOException {
    return new ResponseReader(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
  }

  /** The next response, as a whole. */
  public RawResponse answer(boolean headOnly) throws IOException {
    RawResponse head = head();
    return new RawResponse(head.status(), head.headers(), body(head, headOnly).readAllBytes());
  }

  /** Whether the connection has ended; waits until it ends or a byte arrives. */
  public boolean isAtEnd() throws IOException {
    return input.read() < 0;
  }

  /** The next chunk of a chunked response, unchanged; empty at its end. */
  public byte[] chunk() throws IOException {
    String size = line();
    // The line break after a chunk, which Jetty sends only with the next chunk.
    int length = Integer.parseInt(size.isEmpty() ? line() : size, 16);
    byte[] chunk = input.readNBytes(length);
    if (chunk.length < length) {
      throw new EOFException("The connection ended within a chunk");
    }
    if (length == 0) {
      line();
    }
    return chunk;
  }

  /** Reads the status and the headers, but not the body. */
  public RawResponse head() throws IOException {
    String[] status = line().split(" ", 3);
    List<String> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      headers.add(line);
    }
    return new RawResponse(Integer.parseInt(status[1]), headers, new byte[0]);
  }

  /** The body after such a head. */
  public InputStream body(RawResponse head, boolean headOnly) {
    // Also 101: the bytes that follow it are another protocol's (RFC 9110 section 15.2).
    if (headOnly || head.status() < 200 || head.status() == 204 || head.status() == 304) {
      return InputStream.nullInputStream();
    }
    if (head.header("transfer-encoding").orElse("").equals("chunked")) {
      return new ChunkedBody(input);
    }
    return head.header("content-length")
        .map(length -> (InputStream) new SizedBody(input, Long.parseLong(length)))
        .orElse(input);
  }

  private String line() throws IOException {
    return line(input);
  }

  private static String line(InputStream input) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = input.read(); b != '\n'; b = input.read()) {
      if (b < 0) {
        throw new EOFException("The connection ended in: " + line.toString(StandardCharsets.UTF_8));
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** A body of a given length. */
  private static final class SizedBody extends FilterInputStream {
    private long left;

    SizedBody(InputStream input, long length) {
      super(input);
      left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = in.read(bytes, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("The connection ended " + left + " bytes early");
      }
      left -= count;
      return count;
    }
  }

  /** A body in chunks; a connection that breaks before the last one is an error. */
  private static final class ChunkedBody extends FilterInputStream {
    private long left;
    private boolean first = true;
    private boolean over;

    ChunkedBody(InputStream input) {
      super(input);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0 && !over) {
        nextChunk();
      }
      if (over) {
        return -1;
      }
      int count = in.read(bytes, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("The connection ended within a chunk");
      }
      left -= count;
      return count;
    }

    /** Only of the present chunk: a buffering reader would otherwise wait for the next one. */
    @Override
    public int available() throws IOException {
      return (int) Math.min(left, in.available());
    }

    private void nextChunk() throws IOException {
      if (!first) {
        line(in);
      }
      first = false;
      left = Long.parseLong(line(in).split(";")[0], 16);
      over = left == 0;
      if (over) {
        line(in);
      }
    }
  }
}
