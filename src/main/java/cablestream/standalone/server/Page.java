package cablestream.standalone.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.NavigableMap;
import org.eclipse.jetty.util.resource.Resource;

/** A page, or a folder of pages, in memory: what the web application serves and reads. */
final class Page extends Resource {
  private static final String FOLDER = "/";

  private final NavigableMap<String, byte[]> pages;
  private final String name;
  private final Instant since;

  /** The folder of all of them. */
  Page(NavigableMap<String, byte[]> pages) {
    this(pages, "", Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  private Page(NavigableMap<String, byte[]> pages, String name, Instant since) {
    this.pages = pages;
    this.name = name;
    this.since = since;
  }

  @Override
  public Resource resolve(String path) {
    String joined = (name + path).replaceAll("^/+", "");
    boolean folder = !joined.endsWith(FOLDER) && isFolder(joined + FOLDER);
    return new Page(pages, folder ? joined + FOLDER : joined, since);
  }

  private boolean isFolder(String prefix) {
    String next = pages.ceilingKey(prefix);
    return next != null && next.startsWith(prefix);
  }

  /** It has none, in any file system. */
  @Override
  public Path getPath() {
    return null;
  }

  @Override
  public boolean exists() {
    return isDirectory() || pages.containsKey(name);
  }

  @Override
  public boolean isDirectory() {
    return name.isEmpty() || name.endsWith(FOLDER) && isFolder(name);
  }

  @Override
  public boolean isReadable() {
    return exists();
  }

  @Override
  public Instant lastModified() {
    return since;
  }

  @Override
  public long length() {
    byte[] content = pages.get(name);
    return content == null ? -1 : content.length;
  }

  @Override
  public URI getURI() {
    return URI.create("war:/" + name.replaceAll("[^0-9A-Za-z/._~-]", "_"));
  }

  @Override
  public String getName() {
    return "/" + name;
  }

  @Override
  public String getFileName() {
    String path = isDirectory() && !name.isEmpty() ? name.substring(0, name.length() - 1) : name;
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public InputStream newInputStream() throws IOException {
    byte[] content = pages.get(name);
    if (content == null) {
      throw new IOException("there is no page " + name);
    }
    return new ByteArrayInputStream(content);
  }

  /** What lies right in this folder. */
  @Override
  public List<Resource> list() {
    if (!isDirectory()) {
      return List.of();
    }
    return pages.tailMap(name, false).keySet().stream()
        .takeWhile(page -> page.startsWith(name))
        .map(page -> page.substring(name.length()).replaceFirst("/.*", ""))
        .distinct()
        .map(this::resolve)
        .toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Page page && page.pages == pages && page.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }
}
