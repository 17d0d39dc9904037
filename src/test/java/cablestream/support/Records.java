package cablestream.support;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.stream.Stream;

/**
 * Copies of records, nested ones too, with one other value: a test names only what it changes, and
 * a further component changes no test.
 */
public final class Records {
  private Records() {}

  /**
   * @param path the component's name, after those of the records around it: {@code logs.bytes}
   * @throws AssertionError if there is no such component
   */
  public static <R extends Record> R with(R record, String path, Object value) {
    String[] name = path.split("\\.", 2);
    RecordComponent[] components = record.getClass().getRecordComponents();
    if (Stream.of(components).noneMatch(each -> each.getName().equals(name[0]))) {
      throw new AssertionError(record.getClass() + " has no component " + path);
    }
    try {
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        Method accessor = components[i].getAccessor();
        accessor.setAccessible(true);
        values[i] = accessor.invoke(record);
        if (components[i].getName().equals(name[0])) {
          values[i] = name.length == 1 ? value : with((Record) values[i], name[1], value);
        }
      }
      @SuppressWarnings("unchecked")
      Constructor<R> constructor =
          (Constructor<R>)
              record
                  .getClass()
                  .getDeclaredConstructor(
                      Stream.of(components).map(RecordComponent::getType).toArray(Class[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refusal) {
        throw refusal;
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
