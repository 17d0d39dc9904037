package cablestream.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SequenceTest {
  private final Sequence sequence = new Sequence();

  private void observe(long... numbers) {
    for (long number : numbers) {
      sequence.observe(number);
    }
  }

  private void expect(long sent, long received, long lost, long repeated, long swapped) {
    assertThat(sequence.received()).as("received").isEqualTo(received);
    assertThat(sequence.lost(sent)).as("lost").isEqualTo(lost);
    assertThat(sequence.repeated()).as("repeated").isEqualTo(repeated);
    assertThat(sequence.swapped()).as("swapped").isEqualTo(swapped);
  }

  @Test
  void inOrderNothingIsCounted() {
    observe(1, 2, 3);
    expect(3, 3, 0, 0, 0);
  }

  @Test
  void aDroppedMessageIsLost() {
    observe(1, 2, 4);
    expect(4, 3, 1, 0, 0);
  }

  @Test
  void theFirstAndTheLastCanBeLostToo() {
    observe(2, 3);
    expect(5, 2, 3, 0, 0);
  }

  @Test
  void whatNothingCameOfIsLostWhole() {
    expect(7, 0, 7, 0, 0);
  }

  @Test
  void aRepeatedMessageIsRepeatedAndHidesNoLoss() {
    observe(1, 2, 2, 4);
    expect(4, 3, 1, 1, 0);
  }

  @Test
  void swappedMessagesAreSwappedAndNotLost() {
    observe(1, 3, 2, 4);
    expect(4, 4, 0, 0, 1);
  }

  @Test
  void aSwappedMessageThatComesAgainIsRepeated() {
    observe(1, 3, 2, 2);
    expect(3, 3, 0, 1, 1);
  }
}
