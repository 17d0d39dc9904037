package cablestream.cluster;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.ssl.HandshakeCompletedListener;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Puts a {@link ReplyLimit} between a store and Jedis. The factory of TLS sockets is the only part
 * that can be replaced in all of Jedis' clients, so this class is one, even without TLS.
 */
final class StoreSockets extends SSLSocketFactory {
  private final SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
  private final boolean isTls;

  StoreSockets(boolean isTls) {
    this.isTls = isTls;
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return new LimitedSocket(
        isTls ? tls.createSocket(socket, host, port, autoClose) : socket, isTls);
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

  private static final class LimitedSocket extends SSLSocket {
    private final Socket socket;
    private final boolean isTls;
    private ReplyLimit limit;

    LimitedSocket(Socket socket, boolean isTls) {
      this.socket = socket;
      this.isTls = isTls;
    }

    private ReplyLimit limit() throws IOException {
      if (limit == null) {
        limit = new ReplyLimit(new Timely(socket.getInputStream()), System::nanoTime);
      }
      return limit;
    }

    /** A subscription has no timeout, and waits until there is a message. */
    private final class Timely extends FilterInputStream {
      Timely(InputStream in) {
        super(in);
      }

      @Override
      public int read(byte[] buffer, int start, int count) throws IOException {
        if (socket.getSoTimeout() > 0 && limit().isLate()) {
          throw new SocketTimeoutException("the store's replies come too slowly");
        }
        return in.read(buffer, start, count);
      }
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return limit();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      ReplyLimit replies = limit();
      return new FilterOutputStream(socket.getOutputStream()) {
        @Override
        public void write(byte[] buffer, int start, int count) throws IOException {
          replies.exchange();
          out.write(buffer, start, count);
        }
      };
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
      if (isTls) {
        ((SSLSocket) socket).setSSLParameters(parameters);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }

    @Override
    public boolean isClosed() {
      return socket.isClosed();
    }

    @Override
    public boolean isConnected() {
      return socket.isConnected();
    }

    @Override
    public boolean isBound() {
      return socket.isBound();
    }

    @Override
    public boolean isInputShutdown() {
      return socket.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
      return socket.isOutputShutdown();
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
      socket.setSoTimeout(millis);
    }

    @Override
    public int getSoTimeout() throws SocketException {
      return socket.getSoTimeout();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
      return socket.getLocalSocketAddress();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
      return socket.getRemoteSocketAddress();
    }

    // ---- methods for TLS, which Jedis doesn't call ----

    @Override
    public String[] getSupportedCipherSuites() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String[] getEnabledCipherSuites() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String[] getSupportedProtocols() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String[] getEnabledProtocols() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SSLSession getSession() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void addHandshakeCompletedListener(HandshakeCompletedListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void removeHandshakeCompletedListener(HandshakeCompletedListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void startHandshake() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setUseClientMode(boolean mode) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean getUseClientMode() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean getNeedClientAuth() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setWantClientAuth(boolean want) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean getWantClientAuth() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean getEnableSessionCreation() {
      throw new UnsupportedOperationException();
    }
  }
}
