package cablestream.cable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.concurrent.Mailbox;
import java.util.ArrayList;
import java.util.List;

/** Records a cable's callbacks to its session, one line each. */
public class RecordingOwner implements Cable.Owner {
  protected final Mailbox mailbox;
  private final List<String> heard = new ArrayList<>();

  /** Runs after each callback has been recorded. */
  Runnable then = () -> {};

  CableEnding ending;

  /** The outcomes of dials. */
  final List<String> dials = new ArrayList<>();

  public RecordingOwner(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  @Override
  public void opened() {
    hear("welcomed");
  }

  @Override
  public void frame(CableFrame frame) {
    byte[] text = frame.text();
    hear(
        switch (frame.type()) {
          case CONFIRM_SUBSCRIPTION -> "confirmed " + frame.identifier();
          case REJECT_SUBSCRIPTION -> "rejected " + frame.identifier();
          case MESSAGE ->
              "received "
                  + frame.identifier()
                  + " "
                  + new String(
                      text, frame.messageFrom(), frame.messageTo() - frame.messageFrom(), UTF_8);
          case OPAQUE -> "frame " + new String(text, UTF_8);
          default -> throw new AssertionError("a " + frame.type() + " is the cable's own");
        });
  }

  @Override
  public void frameDropped(String why) {
    hear("unreadable: " + why);
  }

  @Override
  public void dialled(CableEnding.Kind failure, long nanoseconds) {
    String outcome = failure == null ? "welcomed" : failure.toString();
    dials.add(outcome + " after " + nanoseconds / 1_000_000 + " ms");
  }

  @Override
  public void lost(String reason) {
    hear("dropped " + reason);
  }

  @Override
  public void ended(CableEnding ending) {
    this.ending = ending;
    hear("ended " + ending.kind() + " " + ending.reason());
  }

  /** The callbacks since this was called last. */
  List<String> heard() {
    List<String> since = List.copyOf(heard);
    heard.clear();
    return since;
  }

  protected void hear(String line) {
    assertThat(mailbox.isInside()).as("inside the mailbox: %s", line).isTrue();
    heard.add(line);
    then.run();
  }
}
