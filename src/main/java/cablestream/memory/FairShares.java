package cablestream.memory;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What the networks of clients hold of one kind (sessions without listeners, bodies that haven't
 * arrived), and what is evicted when memory is short: the oldest holding of the network that holds
 * most. So a client with a thousand small holdings loses its own, and other clients lose nothing. A
 * network is an IPv4 address or an IPv6 /64, as {@code Caller.address} names it.
 *
 * <p>This class has no bound: the caller bounds and charges each holding, {@link #ENTRY} included.
 * Any thread; each call takes O(log n) of the number of networks.
 *
 * @param <T> a holding, compared by {@code equals}
 */
public final class FairShares<T> {
  /** The largest size of one entry, in bytes of the heap: that of the only one of its network. */
  public static final long ENTRY = 448;

  /** The holdings of one network, in the order in which they were added. */
  private static final class Share implements Comparable<Share> {
    private final String network;
    private final Map<Object, Long> held = new LinkedHashMap<>(2);
    private long total;

    private Share(String network) {
      this.network = network;
    }

    /** By weight. No two are equal; lambdas in its place would confuse Lincheck. */
    @Override
    public int compareTo(Share other) {
      int byTotal = Long.compare(total, other.total);
      return byTotal == 0 ? network.compareTo(other.network) : byTotal;
    }
  }

  private final Map<String, Share> byNetwork = new HashMap<>();
  private final NavigableSet<Share> byTotal = new TreeSet<>();
  private long total;
  private int size;

  /** Adds a holding as the newest of its network, or changes a holding's weight in its place. */
  public synchronized void put(String network, T holding, long weight) {
    Share share = byNetwork.computeIfAbsent(network, Share::new);
    if (!share.held.isEmpty()) {
      byTotal.remove(share);
    }
    Long before = share.held.put(holding, weight);
    long added = weight - (before == null ? 0 : before);
    share.total += added;
    total += added;
    size += before == null ? 1 : 0;
    byTotal.add(share);
  }

  /** Removes a holding; false if it isn't present. */
  public synchronized boolean remove(String network, T holding) {
    Share share = byNetwork.get(network);
    if (share == null || !share.held.containsKey(holding)) {
      return false;
    }
    byTotal.remove(share);
    long removed = share.held.remove(holding);
    share.total -= removed;
    total -= removed;
    size--;
    if (share.held.isEmpty()) {
      byNetwork.remove(network);
    } else {
      byTotal.add(share);
    }
    return true;
  }

  /** The sum of the weights of the network's holdings. */
  public synchronized long total(String network) {
    Share share = byNetwork.get(network);
    return share == null ? 0 : share.total;
  }

  /** The sum of the weights of the network's holdings but this one, if it is among them. */
  public synchronized long totalWithout(String network, T holding) {
    Share share = byNetwork.get(network);
    return share == null ? 0 : share.total - share.held.getOrDefault(holding, 0L);
  }

  /** The sum of the weights of all holdings. */
  public synchronized long total() {
    return total;
  }

  /** How many holdings there are. */
  public synchronized int size() {
    return size;
  }

  /** Removes the oldest holding of the network that holds most; null if there is none. */
  public synchronized T takeOldest() {
    return byTotal.isEmpty() ? null : takeOldest(byTotal.last());
  }

  /**
   * Removes what must be evicted for a newcomer: the oldest holding of the network that holds most,
   * if that is the newcomer's own network or holds more than the newcomer's would.
   *
   * @param newcomer the newcomer's network
   * @param total what the newcomer's network would hold with it
   * @return null if nothing can be evicted, so that the newcomer is refused
   */
  public synchronized T takeOldest(String newcomer, long total) {
    if (byTotal.isEmpty()) {
      return null;
    }
    Share largest = byTotal.last();
    if (largest.total <= total && !largest.network.equals(newcomer)) {
      return null;
    }
    return takeOldest(largest);
  }

  private T takeOldest(Share share) {
    @SuppressWarnings("unchecked")
    T oldest = (T) share.held.keySet().iterator().next();
    remove(share.network, oldest);
    return oldest;
  }
}
