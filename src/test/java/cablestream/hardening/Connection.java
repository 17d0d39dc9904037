package cablestream.hardening;

import cablestream.support.wire.RawResponse;
import cablestream.support.wire.ResponseReader;
import cablestream.support.wire.Site;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection to a bridge on which an attacker writes arbitrary bytes. */
final class Connection implements AutoCloseable {
  private final Socket socket = new Socket();
  private final InputStream in;
  private final ResponseReader reader;

  Connection(Victim victim) {
    this(victim.site());
  }

  Connection(Site site) {
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), site.port()), 5_000);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    reader = new ResponseReader(in);
  }

  /** Writes bytes. @throws IOException if the bridge has closed the connection */
  Connection write(String latin1) throws IOException {
    socket.getOutputStream().write(latin1.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** The next response. @throws EOFException if the connection ends before it */
  RawResponse answer(Duration patience) throws IOException {
    socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
    return reader.answer(false);
  }

  /** The next response; null if none begins within that time. */
  RawResponse answerWithin(Duration patience) throws IOException {
    socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
    in.mark(1);
    try {
      in.read();
    } catch (SocketTimeoutException e) {
      return null;
    }
    in.reset();
    return answer(patience);
  }

  /** All responses until the bridge closes the connection or sends nothing for that time. */
  List<RawResponse> answers(Duration quiet) throws IOException {
    List<RawResponse> answers = new ArrayList<>();
    try {
      while (true) {
        answers.add(answer(quiet));
      }
    } catch (EOFException | SocketException | SocketTimeoutException e) {
      return answers;
    }
  }

  /** All bytes until the bridge closes the connection; fails if it sends nothing for that time. */
  String everything(Duration patience) throws IOException {
    socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /** Waits until the bridge closes the connection; false if it doesn't within that time. */
  boolean isClosedWithin(Duration patience) throws IOException {
    socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
    try {
      while (in.read() >= 0) {
        // Discards what the bridge sends.
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  /**
   * Writes the text repeatedly, and returns whether the bridge responded or closed the connection
   * before all was written.
   */
  boolean isRefusedWithin(int times, String latin1) throws IOException {
    try {
      for (int i = 0; i < times; i++) {
        write(latin1);
        if (answerWithin(Duration.ofMillis(1)) != null) {
          return true;
        }
      }
      return isClosedWithin(Duration.ofSeconds(2));
    } catch (SocketException | EOFException e) {
      return true;
    }
  }

  /** Writes as much as the bridge reads, without waiting longer than a moment. */
  void writeWhatIsTaken(String latin1) throws IOException {
    socket.setSoTimeout(1);
    byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
    try {
      for (int at = 0; at < bytes.length; at += 16_384) {
        socket.getOutputStream().write(bytes, at, Math.min(16_384, bytes.length - at));
      }
    } catch (SocketException e) {
      // Refused before the end.
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
