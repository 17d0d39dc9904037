package cablestream.cable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.concurrent.Mailbox;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a cable tells its session, a line a call. */
public class RecordingOwner implements Cable.Owner {
  protected final Mailbox mailbox;
  private final List<String> heard = new ArrayList<>();

  /** Run after each call has been written down. */
  Runnable then = () -> {};

  CableEnding ending;

  public RecordingOwner(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  @Override
  public void opened(boolean again) {
    hear(again ? "welcomed again" : "welcomed");
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
          case UNREADABLE -> "unreadable: " + frame.reason();
          default -> throw new AssertionError("a " + frame.type() + " is the cable's own");
        });
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

  /** What was heard since the last time this was asked. */
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
