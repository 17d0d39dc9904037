package cablestream.standalone;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The WAR's content in a temporary directory, as the JDK's class loaders read no nested jars. All
 * jars are open once {@link #serverLoader} has returned, and their files are deleted once the
 * server has started ({@link #forgetFiles}). So nothing can delete or overwrite what a running
 * process needs, loading a class takes no file descriptor, and a killed process leaves no files.
 */
public final class UnpackedWar implements AutoCloseable {
  private static final String SERVER_CLASSES = "WEB-INF/standalone/classes/";
  private static final String SERVER_JARS = "WEB-INF/standalone/lib/";

  /** The settings are read before there is a web application. */
  private static final String APPLICATION_CLASSES = "WEB-INF/classes/";

  private static final String APPLICATION_JARS = "WEB-INF/lib/";

  private final Path directory;

  /** By the URL of the file. */
  private final Map<String, JarFile> jars = new TreeMap<>();

  /**
   * Unpacks the WAR that contains this class.
   *
   * @throws IOException if {@code java.io.tmpdir} isn't writable or is full
   */
  UnpackedWar() throws IOException {
    directory = Files.createTempDirectory("cablestream-").toRealPath();
    Path classes = directory.resolve("classes.jar");
    try (ZipFile war = new ZipFile(war());
        JarOutputStream packed = new JarOutputStream(Files.newOutputStream(classes))) {
      for (ZipEntry entry : Collections.list(war.entries())) {
        if (!entry.isDirectory()) {
          unpack(war, entry, packed);
        }
      }
    } catch (IOException e) {
      close();
      throw e;
    }
    open(classes);
  }

  private void unpack(ZipFile war, ZipEntry entry, JarOutputStream classes) throws IOException {
    String name = entry.getName();
    try (InputStream content = war.getInputStream(entry)) {
      if (name.startsWith(SERVER_CLASSES) || name.startsWith(APPLICATION_CLASSES)) {
        classes.putNextEntry(new ZipEntry(name.replaceFirst("^.*?/classes/", "")));
        content.transferTo(classes);
      } else if (!name.endsWith(".class")) {
        Path file = pages().resolve(name);
        Files.createDirectories(file.getParent());
        try (OutputStream target = Files.newOutputStream(file)) {
          content.transferTo(target);
        }
        if (name.startsWith(SERVER_JARS) || name.startsWith(APPLICATION_JARS)) {
          open(file);
        }
      }
    }
  }

  private void open(Path jar) throws IOException {
    String url = jar.toUri().toURL().toString();
    jars.put(url, new JarFile(jar.toFile(), false, ZipFile.OPEN_READ, Runtime.version()));
  }

  /** For files that the server writes while it starts. */
  public Path directory() {
    return directory;
  }

  /** The folder with everything but code, by its path in the WAR. */
  public Path pages() {
    return directory.resolve("war");
  }

  /** Loads the server, Jetty and the web application. */
  ClassLoader serverLoader() throws IOException {
    URL[] places = new URL[jars.size()];
    int count = 0;
    for (String jar : jars.keySet()) {
      places[count++] = URI.create(jar).toURL();
    }
    ClassLoader parent = ClassLoader.getSystemClassLoader();
    URLClassLoader loader = new URLClassLoader(places, parent, protocol -> new OpenJars());
    loader.findResource("nothing has this name"); // opens all of them, and keeps them open
    return loader;
  }

  /** Reads resources from the open jars, whose files the JDK would otherwise open again. */
  private final class OpenJars extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() throws IOException {
          String[] place = URI.create(url.toString()).getSchemeSpecificPart().split("!/", 2);
          JarFile jar = jars.get(place[0]);
          return jar.getInputStream(jar.getEntry(place[1]));
        }
      };
    }
  }

  /** Deletes the jars' files on systems where open files can be deleted. */
  public void forgetFiles() {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      // It is deleted already, or the system's own clean-up will delete it.
    }
  }

  /** Deletes the directory; the jars stay open until the process ends. */
  @Override
  public void close() {
    forgetFiles();
  }

  private static File war() throws IOException {
    CodeSource source = UnpackedWar.class.getProtectionDomain().getCodeSource();
    try {
      return new File(source.getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
