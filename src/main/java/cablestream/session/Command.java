package cablestream.session;

/** One entry of a POST; protocol section 3. */
public sealed interface Command {
  /** The kinds of commands. */
  enum Kind {
    SUBSCRIBE,
    UNSUBSCRIBE,
    SEND,
    FRAME,
    MALFORMED
  }

  Kind kind();

  /** Subscribe to a channel. */
  record Subscribe(Identifier identifier) implements Command {
    @Override
    public Kind kind() {
      return Kind.SUBSCRIBE;
    }
  }

  /** Leave a channel. */
  record Unsubscribe(Identifier identifier) implements Command {
    @Override
    public Kind kind() {
      return Kind.UNSUBSCRIBE;
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
  }

  /** A frame of a tunnel, to be written as it is; protocol section 9. */
  record Frame(String text) implements Command {
    @Override
    public Kind kind() {
      return Kind.FRAME;
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
  }
}
