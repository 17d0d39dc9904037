package cablestream.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntFunction;

/** Measures the size of objects by the heap before and after creating many of them. */
public final class HeapScale {
  public static final int MANY = 10_000;

  private HeapScale() {}

  /** Bytes that each further object occupies, after a collection. */
  public static long weigh(IntFunction<Object> make) {
    return weigh(MANY, make);
  }

  public static long weigh(int many, IntFunction<Object> make) {
    Object[] all = new Object[many];
    long before = used();
    for (int i = 0; i < many; i++) {
      all[i] = make.apply(i);
    }
    long after = used();
    assertThat(all).doesNotContainNull();
    return (after - before) / many;
  }

  public static long used() {
    Runtime runtime = Runtime.getRuntime();
    long min = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      min = Math.min(min, runtime.totalMemory() - runtime.freeMemory());
    }
    return min;
  }
}
