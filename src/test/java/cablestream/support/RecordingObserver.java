package cablestream.support;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Fallback;
import cablestream.cable.CableEnding;
import cablestream.environment.Observer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Records each call as a line of text. */
public final class RecordingObserver implements Observer {
  private final Queue<String> heard = new ConcurrentLinkedQueue<>();

  /** All lines so far. */
  public List<String> heard() {
    return new ArrayList<>(heard);
  }

  /** The lines that begin with a given word. */
  public List<String> heard(String word) {
    return heard.stream().filter(line -> line.startsWith(word)).toList();
  }

  public void forget() {
    heard.clear();
  }

  @Override
  public void unknown() {
    heard.add("unknown");
  }

  @Override
  public void opened(ClientTransport transport) {
    heard.add("opened");
  }

  @Override
  public void fellBack(Fallback reason) {
    heard.add("fell back: " + reason);
  }

  @Override
  public void ended(Ending ending) {
    heard.add("ended: " + ending);
  }

  @Override
  public void attached(Transport transport) {
    heard.add("attached: " + transport);
  }

  @Override
  public void left(Transport transport) {
    heard.add("left: " + transport);
  }

  @Override
  public void logged(int bytes) {
    heard.add("logged: " + bytes + " bytes");
  }

  @Override
  public void written(Transport transport, long events) {
    heard.add("written: " + events + " by " + transport);
  }

  @Override
  public void delivered(Transport transport, long nanoseconds) {
    heard.add("delivered after " + nanoseconds / 1_000 + " us by " + transport);
  }

  @Override
  public void waited(Transport transport, long nanoseconds) {
    heard.add("waited " + nanoseconds / 1_000_000 + " ms for " + transport);
  }

  @Override
  public void commanded(Command.Kind kind, boolean failed) {
    heard.add("commanded: " + kind + (failed ? " failed" : " done"));
  }

  @Override
  public void dialled(
      OpenedBy openedBy, CableEnding.Kind failure, boolean again, long nanoseconds) {
    heard.add(
        "dialled for "
            + openedBy
            + " "
            + (again ? "again" : "first")
            + ": "
            + (failure == null ? "welcomed" : failure)
            + " after "
            + nanoseconds / 1_000_000
            + " ms");
  }

  @Override
  public void cableLost(String reason) {
    heard.add("cable lost: " + reason);
  }

  @Override
  public void gap(Long dropped) {
    heard.add("gap: " + dropped);
  }

  @Override
  public void stalled() {
    heard.add("stalled");
  }

  @Override
  public void refused(int status) {
    heard.add("refused: " + status);
  }
}
