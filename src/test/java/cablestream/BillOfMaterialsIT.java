package cablestream;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** The bill of materials; an offline Maven creates none. */
@DisabledIfSystemProperty(named = "maven.offline", matches = "offline: true")
class BillOfMaterialsIT {
  private static final Path BILL = Path.of("target", "cablestream-sbom.json");

  @Test
  void theBillNamesExactlyTheJarsInTheWarWithTheirDigests() throws Exception {
    try (ZipFile war = new ZipFile(Bridge.WAR.toFile())) {
      Map<String, String> jars = new TreeMap<>();
      for (ZipEntry entry : Collections.list(war.entries())) {
        if (entry.getName().endsWith(".jar")) {
          jars.put(entry.getName().replaceAll(".*/", ""), sha256(read(war, entry)));
        }
      }

      assertThat(jars).hasSizeGreaterThan(30);
      assertThat(named()).isEqualTo(jars);
    }
  }

  /** The jars' names, as Maven forms them, and their digests. */
  private static Map<String, String> named() throws IOException {
    Map<String, String> named = new TreeMap<>();
    try (JsonReader reader = Json.createReader(Files.newInputStream(BILL))) {
      for (JsonObject component :
          reader.readObject().getJsonArray("components").getValuesAs(JsonObject.class)) {
        String jar = component.getString("name") + "-" + component.getString("version") + ".jar";
        named.put(jar, digest(component));
      }
    }
    return named;
  }

  private static String digest(JsonObject component) {
    return component.getJsonArray("hashes").getValuesAs(JsonObject.class).stream()
        .filter(hash -> hash.getString("alg").equals("SHA-256"))
        .map(hash -> hash.getString("content"))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] read(ZipFile war, ZipEntry entry) throws IOException {
    try (InputStream content = war.getInputStream(entry)) {
      return content.readAllBytes();
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
