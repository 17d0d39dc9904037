package cablestream.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * Jars that are open and stay so. What is in them is read without a name in any directory and
 * without a further file descriptor, also through the URLs that this gives out. Any thread.
 */
final class Archives {
  private final List<JarFile> jars;

  Archives(List<JarFile> jars) {
    this.jars = List.copyOf(jars);
  }

  /** The first entry of that name, or null where there is none. */
  byte[] read(String name) {
    for (JarFile jar : jars) {
      ZipEntry entry = jar.getEntry(name);
      if (entry != null) {
        try (InputStream content = jar.getInputStream(entry)) {
          return content.readAllBytes();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return null;
  }

  /** Where the first entry of that name is, or null where there is none. */
  URL find(String name) {
    List<URL> all = findAll(name);
    return all.isEmpty() ? null : all.get(0);
  }

  /** Where entries of that name are. */
  List<URL> findAll(String name) {
    List<URL> all = new ArrayList<>();
    for (JarFile jar : jars) {
      ZipEntry entry = jar.getEntry(name);
      if (entry != null) {
        all.add(url(jar, entry));
      }
    }
    return all;
  }

  private static URL url(JarFile jar, ZipEntry entry) {
    String place = "jar:" + Path.of(jar.getName()).toUri() + "!/" + entry.getName();
    try {
      return new URL(null, place, new Handler(jar, entry));
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Handler extends URLStreamHandler {
    private final JarFile jar;
    private final ZipEntry entry;

    Handler(JarFile jar, ZipEntry entry) {
      this.jar = jar;
      this.entry = entry;
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public long getContentLengthLong() {
          return entry.getSize();
        }

        @Override
        public InputStream getInputStream() throws IOException {
          return jar.getInputStream(entry);
        }
      };
    }
  }
}
