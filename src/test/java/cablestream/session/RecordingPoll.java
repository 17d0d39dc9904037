package cablestream.session;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import java.util.List;

/** A poll that keeps its answer. */
final class RecordingPoll implements Listener.Poll {
  Attachment attachment;
  PollAnswer answer;
  Refusal refusal;
  boolean hungUp;

  @Override
  public void refused(Refusal why) {
    assert refusal == null && answer == null;
    refusal = why;
  }

  @Override
  public void accepted(Acceptance acceptance, Attachment attached) {
    attachment = attached;
  }

  /** Events that there is memory for in an answer. */
  int room = Integer.MAX_VALUE;

  @Override
  public boolean reserve(PollAnswer wanted) {
    return wanted.events().size() <= room;
  }

  @Override
  public boolean isClosedByPeer() {
    return hungUp;
  }

  @Override
  public void answer(PollAnswer given) {
    assert refusal == null && answer == null;
    answer = given;
  }

  List<String> briefly() {
    return answer.events().stream()
        .map(event -> SseEvent.parse(Events.text(event)).brief())
        .toList();
  }

  /** What a client sends as its next {@code last-event-id}. */
  String lastId() {
    return answer.events().get(answer.events().size() - 1).id();
  }
}
