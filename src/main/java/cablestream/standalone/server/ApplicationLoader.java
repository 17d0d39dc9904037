package cablestream.standalone.server;

import cablestream.standalone.Archives;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import org.eclipse.jetty.ee.webapp.WebAppClassLoader;
import org.eclipse.jetty.ee10.webapp.WebAppContext;

/** Loads the web application from archives that are open, by Jetty's rules of what may see what. */
final class ApplicationLoader extends WebAppClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final Archives archives;

  ApplicationLoader(ClassLoader parent, WebAppContext context, Archives archives) {
    super(parent, context);
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
  protected Class<?> foundClass(String name, URL place) throws ClassNotFoundException {
    return findClass(name);
  }

  @Override
  public URL findResource(String name) {
    return archives.find(name);
  }

  @Override
  public Enumeration<URL> findResources(String name) {
    return Collections.enumeration(archives.findAll(name));
  }
}
