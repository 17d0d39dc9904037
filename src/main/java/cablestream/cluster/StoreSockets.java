package cablestream.cluster;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import redis.clients.jedis.SSLSocketWrapper;

/**
 * Puts a {@link ReplyLimit} between a store and Jedis. The factory of TLS sockets is the only part
 * that can be replaced in all of Jedis' clients, so this class is one, even without TLS. Jedis
 * calls only the first method.
 */
final class StoreSockets extends SSLSocketFactory {
  private final SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
  private final boolean isTls;

  StoreSockets(boolean isTls) {
    this.isTls = isTls;
  }

  @Override
  public Socket createSocket(Socket plain, String host, int port, boolean autoClose)
      throws IOException {
    SSLSocket secure = (SSLSocket) tls.createSocket(plain, host, port, autoClose);
    return new LimitedSocket(secure, plain, isTls ? secure : plain);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return tls.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return tls.getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  /**
   * Without TLS the secure socket only satisfies the type: it passes the state and the options of
   * the plain one on, and is neither read nor written nor closed, so it starts no handshake.
   */
  private static final class LimitedSocket extends SSLSocketWrapper {
    private final Socket used;
    private final ReplyLimit replies;

    LimitedSocket(SSLSocket secure, Socket plain, Socket used) throws IOException {
      super(secure, plain);
      this.used = used;
      replies = new ReplyLimit(used.getInputStream(), this::getSoTimeout);
    }

    @Override
    public InputStream getInputStream() {
      return replies;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(used.getOutputStream()) {
        @Override
        public void write(byte[] buffer, int start, int count) throws IOException {
          replies.exchange();
          out.write(buffer, start, count);
        }
      };
    }

    @Override
    public void close() throws IOException {
      used.close();
    }

    @Override
    public boolean isClosed() {
      return used.isClosed();
    }
  }
}
