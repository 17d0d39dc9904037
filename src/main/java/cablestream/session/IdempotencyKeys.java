package cablestream.session;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The last keys of a session's POSTs with their answers, so that a repeated POST is answered and
 * not carried out again; protocol section 7, after the IETF draft "The Idempotency-Key HTTP Header
 * Field".
 */
final class IdempotencyKeys {
  static final int MOST_KEYS = 64;
  static final int MOST_BYTES = 32 * 1024;

  /** What is known of a key. */
  sealed interface Known {
    /** Never seen, or forgotten: carry it out. */
    record New() implements Known {}

    /** The first POST with it is still being carried out. */
    record Running() implements Known {}

    /** Used before, with another body. */
    record OtherBody() implements Known {}

    /** So many are running that one more can't be remembered. */
    record TooMany() implements Known {}

    /** Carried out before, with this answer. */
    record Answered(List<CommandResult> results) implements Known {}
  }

  private static final class Entry {
    final Digest body;
    List<CommandResult> results;

    Entry(Digest body) {
      this.body = body;
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private int bytes;

  /** Looks the key up, and remembers it as running if it is new. */
  Known begin(String key, Digest body) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return remember(key, body);
    }
    if (!entry.body.equals(body)) {
      return new Known.OtherBody();
    }
    return entry.results == null ? new Known.Running() : new Known.Answered(entry.results);
  }

  /** The POST with that key has been carried out. */
  void finish(String key, List<CommandResult> results) {
    Entry entry = entries.get(key);
    entry.results = results;
    bytes += size(results);
    Iterator<Entry> oldest = entries.values().iterator();
    while (bytes > MOST_BYTES && oldest.hasNext()) {
      Entry candidate = oldest.next();
      if (candidate.results != null && candidate != entry) {
        bytes -= size(candidate.results);
        oldest.remove();
      }
    }
  }

  private Known remember(String key, Digest body) {
    if (entries.size() >= MOST_KEYS && !forgetOldestAnswered()) {
      return new Known.TooMany();
    }
    entries.put(key, new Entry(body));
    return new Known.New();
  }

  private boolean forgetOldestAnswered() {
    Iterator<Entry> oldest = entries.values().iterator();
    while (oldest.hasNext()) {
      Entry candidate = oldest.next();
      if (candidate.results != null) {
        bytes -= size(candidate.results);
        oldest.remove();
        return true;
      }
    }
    return false;
  }

  private static int size(List<CommandResult> results) {
    int size = 0;
    for (CommandResult result : results) {
      size += 64 + (result.error() == null ? 0 : result.error().length());
    }
    return size;
  }
}
