package cablestream.standalone;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The WAR's contents in a temporary directory, as no class loader of the JDK reads nested jars. */
final class UnpackedWar implements AutoCloseable {
  private static final String SERVER_CLASSES = "WEB-INF/standalone/classes";
  private static final String SERVER_JARS = "WEB-INF/standalone/lib";

  /** The settings are read before there is a web application. */
  private static final String APPLICATION_CLASSES = "WEB-INF/classes";

  private static final String APPLICATION_JARS = "WEB-INF/lib";

  private final Path directory;

  /**
   * Unpacks the WAR that this class was loaded from.
   *
   * @throws IOException where {@code java.io.tmpdir} can't be written, or is full
   */
  UnpackedWar() throws IOException {
    directory = Files.createTempDirectory("cablestream-").toRealPath();
    try (ZipFile war = new ZipFile(war())) {
      for (ZipEntry entry : Collections.list(war.entries())) {
        unpack(war, entry);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  Path directory() {
    return directory;
  }

  /**
   * Loads the server and Jetty. What Jetty's server and the application's WebSocket client have in
   * common is in the WAR once, among the application's jars, and is loaded twice.
   */
  URLClassLoader serverLoader() throws IOException {
    List<URL> places = new ArrayList<>();
    for (String classes : List.of(SERVER_CLASSES, APPLICATION_CLASSES)) {
      places.add(directory.resolve(classes).toUri().toURL());
    }
    for (Path jar : jars(SERVER_JARS)) {
      places.add(jar.toUri().toURL());
    }
    for (Path jar : jars(APPLICATION_JARS)) {
      if (jar.getFileName().toString().matches("(jetty|slf4j)-.*")) {
        places.add(jar.toUri().toURL());
      }
    }
    return new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  /** Removes the directory. */
  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      // Somebody else has removed it already, or it stays for whoever tidies up there.
    }
  }

  private void unpack(ZipFile war, ZipEntry entry) throws IOException {
    Path target = directory.resolve(entry.getName()).normalize();
    if (!target.startsWith(directory)) {
      throw new IOException("the WAR has an entry " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
    } else {
      Files.createDirectories(target.getParent());
      Files.copy(war.getInputStream(entry), target);
    }
  }

  private List<Path> jars(String folder) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(folder))) {
      return files.sorted().toList();
    }
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
