package cablestream.standalone;

import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;

/** Loads the server from archives that are open. */
final class ArchiveLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final Archives archives;

  ArchiveLoader(Archives archives, ClassLoader parent) {
    super(parent);
    this.archives = archives;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] code = archives.read(name.replace('.', '/') + ".class");
    if (code == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, code, 0, code.length);
  }

  @Override
  protected URL findResource(String name) {
    return archives.find(name);
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    return Collections.enumeration(archives.findAll(name));
  }
}
