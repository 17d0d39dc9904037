package cablestream.log;

/** Gives each event an array of its own, for events outside of any log. */
public final class FreshRoom implements EventEncoder.Room {
  @Override
  public boolean reserve(long bytes) {
    return true;
  }

  @Override
  public byte[] array(int length) {
    return new byte[length];
  }

  @Override
  public int start() {
    return 0;
  }
}
