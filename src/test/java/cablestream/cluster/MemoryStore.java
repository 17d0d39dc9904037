package cablestream.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The contract of {@link ValkeyStore}, in memory, with leases that end when the test says so. */
final class MemoryStore {
  private final Map<String, String> lines = new HashMap<>();
  private final Map<String, String> claims = new HashMap<>();
  private final Map<String, List<String>> taken = new HashMap<>();
  private volatile boolean down;
  private volatile int otherSecrets;
  private volatile Duration delay = Duration.ZERO;
  private int calls;
  private int beats;

  void goDown(boolean is) {
    down = is;
  }

  /** Sets how long each call takes. */
  void delay(Duration each) {
    delay = each;
  }

  /** Sets how many nodes with other secrets use the store. */
  void otherSecrets(int number) {
    otherSecrets = number;
  }

  /** Like FLUSHALL. */
  synchronized void forget() {
    lines.clear();
    claims.clear();
    taken.clear();
  }

  /** Ends a node's lease. */
  synchronized void expire(String node) {
    lines.remove(node);
  }

  synchronized Map<String, String> claims() {
    return Map.copyOf(claims);
  }

  synchronized int calls() {
    return calls;
  }

  /** Renewals of all leases. */
  synchronized int beats() {
    return beats;
  }

  /** No call is made for no keys. */
  private void ask(Collection<String> keys) {
    if (!keys.isEmpty()) {
      ask();
    }
  }

  private void ask() {
    try {
      Thread.sleep(delay.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      calls++;
    }
    if (down) {
      throw new IllegalStateException("down");
    }
  }

  /** The store as one node uses it. */
  Store view() {
    return new View();
  }

  private final class View implements Store {
    @Override
    public Beat beat(String node, String line, String former) {
      ask();
      synchronized (MemoryStore.this) {
        beats++;
        boolean known = lines.put(node, line) != null;
        List<String> lost = taken.remove(node);
        return new Beat(known, new ArrayList<>(lines.values()), lost == null ? List.of() : lost);
      }
    }

    @Override
    public int otherSecrets() {
      ask();
      return otherSecrets;
    }

    @Override
    public List<String> nodes() {
      ask();
      synchronized (MemoryStore.this) {
        return new ArrayList<>(lines.values());
      }
    }

    @Override
    public void leave(String node, String line) {
      ask();
      expire(node);
    }

    @Override
    public Map<String, String> claim(String node, Collection<String> keys) {
      ask(keys);
      synchronized (MemoryStore.this) {
        keys.forEach(key -> claims.putIfAbsent(key, node));
        return owners(keys, claims);
      }
    }

    @Override
    public Map<String, String> owners(Collection<String> keys) {
      ask(keys);
      synchronized (MemoryStore.this) {
        return owners(keys, claims);
      }
    }

    private Map<String, String> owners(Collection<String> keys, Map<String, String> all) {
      Map<String, String> owners = new HashMap<>(all);
      owners.keySet().retainAll(keys);
      return owners;
    }

    @Override
    public Map<String, String> take(String node, Map<String, String> from) {
      ask(from.keySet());
      synchronized (MemoryStore.this) {
        from.forEach(
            (key, former) -> {
              String owner = claims.get(key);
              if (owner == null || owner.equals(former)) {
                claims.put(key, node);
                taken.computeIfAbsent(former, it -> new ArrayList<>()).add(key);
              }
            });
        return owners(from.keySet(), claims);
      }
    }

    @Override
    public void release(String node, Collection<String> keys) {
      ask(keys);
      synchronized (MemoryStore.this) {
        keys.forEach(key -> claims.remove(key, node));
      }
    }

    @Override
    public void renew(String node, Collection<String> keys, long milliseconds) {
      ask(keys);
    }

    @Override
    public void close() {}
  }
}
