package cablestream.standalone;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What is in the WAR, as no class loader of the JDK reads nested jars: the jars as open files, the
 * pages in memory. The directory that they were unpacked into is of no use once the server has
 * started and {@link #forgetFiles} has been called: nobody can tidy away what a running process
 * needs, nor overwrite it, and loading one more class takes no file descriptor.
 */
public final class UnpackedWar implements AutoCloseable {
  private static final String SERVER_CLASSES = "WEB-INF/standalone/classes/";
  private static final String SERVER_JARS = "WEB-INF/standalone/lib/";

  /** The settings are read before there is a web application. */
  private static final String APPLICATION_CLASSES = "WEB-INF/classes/";

  private static final String APPLICATION_JARS = "WEB-INF/lib/";

  private final Path directory;
  private final Map<String, JarFile> jars = new TreeMap<>();
  private final NavigableMap<String, byte[]> pages = new TreeMap<>();

  /**
   * Unpacks the WAR that this class was loaded from.
   *
   * @throws IOException where {@code java.io.tmpdir} can't be written, or is full
   */
  UnpackedWar() throws IOException {
    directory = Files.createTempDirectory("cablestream-").toRealPath();
    try (ZipFile war = new ZipFile(war())) {
      pack(war, SERVER_CLASSES);
      pack(war, APPLICATION_CLASSES);
      for (ZipEntry entry : Collections.list(war.entries())) {
        unpack(war, entry);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** For what the server wants to write while it starts. */
  public Path directory() {
    return directory;
  }

  /** All that isn't code, by its path in the WAR. */
  public NavigableMap<String, byte[]> pages() {
    return pages;
  }

  /** Loads all there is: the server, Jetty, and the web application. */
  ClassLoader serverLoader() {
    List<JarFile> places = new ArrayList<>();
    places.add(jars.get(SERVER_CLASSES));
    places.add(jars.get(APPLICATION_CLASSES));
    places.addAll(named(SERVER_JARS + ".*"));
    places.addAll(named(APPLICATION_JARS + ".*"));
    return new ArchiveLoader(new Archives(places), ClassLoader.getSystemClassLoader());
  }

  /** What is open stays so, where files may be removed that are. */
  public void forgetFiles() {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      // Somebody else has removed it already, or it stays for whoever tidies up there.
    }
  }

  /** Removes the directory; the jars end with the process, as their classes do. */
  @Override
  public void close() {
    forgetFiles();
  }

  private List<JarFile> named(String pattern) {
    return jars.entrySet().stream()
        .filter(jar -> jar.getKey().matches(pattern))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Puts classes that lie in the WAR one by one into a jar of their own. */
  private void pack(ZipFile war, String folder) throws IOException {
    Path target = directory.resolve(folder.replace('/', '-') + ".jar");
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(target))) {
      for (ZipEntry entry : Collections.list(war.entries())) {
        String name = entry.getName();
        if (name.startsWith(folder) && !entry.isDirectory()) {
          jar.putNextEntry(new ZipEntry(name.substring(folder.length())));
          copy(war, entry, jar);
        }
      }
    }
    jars.put(folder, open(target));
  }

  private void unpack(ZipFile war, ZipEntry entry) throws IOException {
    String name = entry.getName();
    boolean code = name.startsWith(SERVER_CLASSES) || name.startsWith(APPLICATION_CLASSES);
    if (name.startsWith(SERVER_JARS) || name.startsWith(APPLICATION_JARS)) {
      if (!entry.isDirectory()) {
        Path target = directory.resolve(Path.of(name).getFileName());
        try (OutputStream jar = Files.newOutputStream(target)) {
          copy(war, entry, jar);
        }
        jars.put(name, open(target));
      }
    } else if (!entry.isDirectory() && !code && !name.endsWith(".class")) {
      try (InputStream page = war.getInputStream(entry)) {
        pages.put(name, page.readAllBytes());
      }
    }
  }

  private static void copy(ZipFile war, ZipEntry entry, OutputStream to) throws IOException {
    try (InputStream content = war.getInputStream(entry)) {
      content.transferTo(to);
    }
  }

  private static JarFile open(Path file) throws IOException {
    return new JarFile(file.toFile(), false, ZipFile.OPEN_READ, Runtime.version());
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
