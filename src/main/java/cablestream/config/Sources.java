package cablestream.config;

import jakarta.servlet.ServletContext;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The sources of settings, in order of precedence. An empty value counts as unset. */
public record Sources(
    Map<String, String> properties,
    Map<String, String> environment,
    Map<String, String> parameters) {

  /** A value, and its source as an operator knows it. */
  record Found(String text, String where) {}

  private static final Found NOTHING = new Found("", "");

  /** The sources of the process, and the web application's parameters. */
  public static Sources of(ServletContext context) {
    Map<String, String> parameters = new HashMap<>();
    for (String name : Collections.list(context.getInitParameterNames())) {
      parameters.put(name, context.getInitParameter(name));
    }
    Sources process = ofProcess();
    return new Sources(process.properties, process.environment, parameters);
  }

  public static Sources ofProcess() {
    Properties properties = System.getProperties();
    Map<String, String> copy = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      copy.put(name, properties.getProperty(name));
    }
    return new Sources(copy, System.getenv(), Map.of());
  }

  /** The setting's value; null if it isn't set. */
  Found find(Setting<?> setting) {
    List<Found> found =
        List.of(
            found(properties, "system property", setting.fullName()),
            isOfKubernetes(setting.variable())
                ? NOTHING
                : found(environment, "environment variable", setting.variable()),
            found(parameters, "context parameter", setting.fullName()));
    return found.stream().filter(each -> !each.text.isEmpty()).findFirst().orElse(null);
  }

  /** Whether Kubernetes set the variable, from the name of a service. */
  boolean isOfKubernetes(String variable) {
    return variable.endsWith("_PORT")
        && environment.getOrDefault(variable, "").matches("(tcp|udp|sctp)://.*");
  }

  private static Found found(Map<String, String> source, String kind, String name) {
    return new Found(source.getOrDefault(name, "").strip(), kind + " " + name);
  }
}
