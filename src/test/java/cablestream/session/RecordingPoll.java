package cablestream.session;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import java.util.List;

/** A poll that records its response. */
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

  /** The number of events for which a response has memory. */
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

  /** The value of the client's next {@code last-event-id}. */
  String lastId() {
    return answer.events().get(answer.events().size() - 1).id();
  }
}
