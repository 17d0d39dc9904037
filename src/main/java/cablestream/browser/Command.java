package cablestream.browser;

import cablestream.log.Identifier;
import cablestream.memory.Weights;

/** One entry of a POST; protocol section 3. */
public sealed interface Command {
  /** What one takes beside its texts, with its place in a batch. */
  int OBJECT = 128;

  /** The kinds of commands. */
  enum Kind {
    SUBSCRIBE,
    UNSUBSCRIBE,
    SEND,
    FRAME,
    MALFORMED
  }

  Kind kind();

  /** Bytes that it takes in the heap. */
  long size();

  /** Subscribe to a channel. */
  record Subscribe(Identifier identifier) implements Command {
    @Override
    public Kind kind() {
      return Kind.SUBSCRIBE;
    }

    @Override
    public long size() {
      return OBJECT + identifier.size();
    }
  }

  /** Leave a channel. */
  record Unsubscribe(Identifier identifier) implements Command {
    @Override
    public Kind kind() {
      return Kind.UNSUBSCRIBE;
    }

    @Override
    public long size() {
      return OBJECT + identifier.size();
    }
  }

  /**
   * Perform an action of a channel.
   *
   * @param data the JSON object to send, as text
   */
  record Send(Identifier identifier, String data) implements Command {
    @Override
    public Kind kind() {
      return Kind.SEND;
    }

    @Override
    public long size() {
      return OBJECT + identifier.size() + Weights.of(data);
    }
  }

  /** A frame of a tunnel, to be written as it is; protocol section 9. */
  record Frame(String text) implements Command {
    @Override
    public Kind kind() {
      return Kind.FRAME;
    }

    @Override
    public long size() {
      return OBJECT + Weights.of(text);
    }
  }

  /**
   * An entry that is no command; it fails and its neighbours go on.
   *
   * @param identifier null where there is none that could be read
   */
  record Malformed(Identifier identifier, String error) implements Command {
    @Override
    public Kind kind() {
      return Kind.MALFORMED;
    }

    @Override
    public long size() {
      return OBJECT + (identifier == null ? 0 : identifier.size()) + Weights.of(error);
    }
  }
}
