package cablestream.protocol;

import cablestream.cable.Cable;
import cablestream.cable.DialRequest;
import cablestream.environment.SessionWeights;
import cablestream.log.EventLog;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.function.Consumer;

/**
 * A session's way to its cable: what is sent, and the headers that it is dialled with, both charged
 * for as long as they are kept. Inside the mailbox only.
 */
public final class CableSender {
  private final Cable cable;
  private final EventLog log;
  private final Holder holder;

  /** Bytes charged for the headers that are kept for dialling again. */
  private long headers;

  /**
   * @param headers bytes that are charged already, for the headers of the first dial
   */
  public CableSender(Cable cable, EventLog log, Holder holder, long headers) {
    this.cable = cable;
    this.log = log;
    this.holder = holder;
    this.headers = headers;
  }

  boolean isOpen() {
    return cable.isOpen();
  }

  /** Whether the cable is open and read, so that its answers can be heard. */
  boolean isReading() {
    return cable.isOpen() && !log.isFull();
  }

  int unsentBytes() {
    return cable.unsentBytes();
  }

  /** Reads on, as far as the log has room. */
  public void demandIfRoom() {
    if (isReading()) {
      cable.demand();
    }
  }

  /** Dials again with these headers from now on, if there is memory to keep them. */
  public void use(DialRequest request) {
    if (holder.take(Kind.HEADERS, request.size())) {
      holder.giveBack(Kind.HEADERS, headers);
      headers = request.size();
      cable.use(request);
    }
  }

  /**
   * Has the cable send a frame; {@link Cable#send}.
   *
   * @return false if there is no memory for it to wait, and nothing has been done
   */
  boolean send(String frame, Consumer<String> done) {
    long weight = SessionWeights.outgoing(frame);
    boolean taken = holder.take(Kind.COMMAND, weight);
    if (taken) {
      cable.send(
          frame,
          why -> {
            holder.giveBack(Kind.COMMAND, weight);
            done.accept(why);
          });
    }
    return taken;
  }
}
