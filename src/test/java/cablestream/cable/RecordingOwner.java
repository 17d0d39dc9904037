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
  public void welcomed(boolean again) {
    hear(again ? "welcomed again" : "welcomed");
  }

  @Override
  public void confirmed(String identifier) {
    hear("confirmed " + identifier);
  }

  @Override
  public void rejected(String identifier) {
    hear("rejected " + identifier);
  }

  @Override
  public void received(String identifier, byte[] frame, int from, int to) {
    hear("received " + identifier + " " + new String(frame, from, to - from, UTF_8));
  }

  @Override
  public void frame(byte[] text) {
    hear("frame " + new String(text, UTF_8));
  }

  @Override
  public void unreadable(String why) {
    hear("unreadable: " + why);
  }

  @Override
  public void dropped(String reason) {
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
