package cablestream.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@link ValkeyStore} promises, in memory, with leases that end when a test says so. */
final class MemoryStore {
  private final Map<String, String> lines = new HashMap<>();
  private final Map<String, String> claims = new HashMap<>();
  private final Map<String, List<String>> taken = new HashMap<>();
  private volatile boolean down;
  private volatile int otherSecrets;
  private volatile Duration delay = Duration.ZERO;
  private int calls;

  void goDown(boolean is) {
    down = is;
  }

  /** How long each call takes. */
  void delay(Duration each) {
    delay = each;
  }

  /** Nodes with so many other secrets use it, too. */
  void otherSecrets(int number) {
    otherSecrets = number;
  }

  /** As FLUSHALL. */
  synchronized void forget() {
    lines.clear();
    claims.clear();
    taken.clear();
  }

  /** A node's lease is over. */
  synchronized void expire(String node) {
    lines.remove(node);
  }

  synchronized Map<String, String> claims() {
    return Map.copyOf(claims);
  }

  synchronized int calls() {
    return calls;
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

  /** As one node sees it. */
  Store view() {
    return new View();
  }

  private final class View implements Store {
    @Override
    public Beat beat(String node, String line, String former) {
      ask();
      synchronized (MemoryStore.this) {
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
    public List<String> claim(String node, List<String> keys) {
      ask();
      synchronized (MemoryStore.this) {
        return keys.stream()
            .map(
                key -> {
                  String owner = claims.putIfAbsent(key, node);
                  return owner == null ? node : owner;
                })
            .toList();
      }
    }

    @Override
    public List<String> owners(List<String> keys) {
      ask();
      synchronized (MemoryStore.this) {
        List<String> owners = new ArrayList<>();
        keys.forEach(key -> owners.add(claims.get(key)));
        return owners;
      }
    }

    @Override
    public List<String> take(String node, List<String> keys, List<String> from) {
      ask();
      synchronized (MemoryStore.this) {
        List<String> owners = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
          String key = keys.get(i);
          String owner = claims.get(key);
          if (owner == null || owner.equals(from.get(i))) {
            claims.put(key, node);
            taken.computeIfAbsent(from.get(i), it -> new ArrayList<>()).add(key);
          }
          owners.add(claims.get(key));
        }
        return owners;
      }
    }

    @Override
    public void release(String node, List<String> keys) {
      ask();
      synchronized (MemoryStore.this) {
        keys.forEach(key -> claims.remove(key, node));
      }
    }

    @Override
    public void renew(String node, List<String> keys, long milliseconds) {
      ask();
    }

    @Override
    public void close() {}
  }
}
