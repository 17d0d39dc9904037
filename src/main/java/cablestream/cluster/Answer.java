package cablestream.cluster;

import java.util.List;
import java.util.Map;

/** What becomes of a request that was handed on: one call, on any thread. */
public interface Answer {
  /**
   * The other node answers.
   *
   * @param headers without those of the connection; names as they came
   */
  void answered(int status, List<Map.Entry<String, String>> headers, Body body);

  /** Nobody listens at that node's address: it is gone. */
  void unreachable(String why);

  /** It couldn't be sent, or no node took it; that node may live nevertheless. */
  void unsent(String why);

  /** It may have been carried out, or not. */
  void failed(String why);

  /** The rest of an answer, which is read as fast as somebody takes it. */
  interface Body {
    /** Begins, once, to write it; never blocks. */
    void pour(Sink sink);

    /** The sink is ready again. */
    void writable();

    /** Nobody wants it any more. */
    void cancel();
  }

  /** Where an answer goes; called by one thread at a time. */
  interface Sink {
    /** Whether it takes something now; once false, {@link Body#writable} is called. */
    boolean isReady();

    /** Takes bytes, which nobody changes afterwards. */
    void write(byte[] bytes);

    void flush();

    void finish();

    void abort();
  }
}
