package cablestream.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.browser.Digest;
import cablestream.cable.CablePaths;
import cablestream.cable.CableSettings;
import cablestream.cable.ReconnectPolicy;
import cablestream.environment.Limits;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.TrustedProxies;
import cablestream.memory.Account;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  private static final String URL = "ws://127.0.0.1:3000/cable";

  private final Map<String, String> properties =
      new HashMap<>(Map.of("cablestream.cable.url", URL, "java.version", "17"));
  private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/bin"));
  private final Map<String, String> parameters = new HashMap<>(Map.of("other", "x"));

  @Test
  void allDefaultsAreThoseThatTheDocumentsPromise() {
    Configuration configuration = read();

    assertThat(configuration.limits())
        .isEqualTo(
            new Limits(
                new Limits.Sessions(20_000, 0, Duration.ofSeconds(30)),
                new Limits.Listening(
                    false,
                    16,
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(25)),
                new Limits.Logs(
                    1_000, 512 * 1024, Account.defaultLogs(Runtime.getRuntime().maxMemory())),
                new Limits.Commands(100, Duration.ofSeconds(10), 256 * 1024),
                new Limits.Drain(
                    Duration.ZERO,
                    Duration.ofMillis(500),
                    Duration.ofMillis(1_500),
                    Duration.ofSeconds(5),
                    false)));
    assertThat(configuration.cable())
        .isEqualTo(
            new CableSettings(
                URI.create(URL),
                CablePaths.NONE,
                16 * 1024 * 1024,
                new CableSettings.Timeouts(
                    Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(6)),
                new ReconnectPolicy(Duration.ofMillis(500), Duration.ofSeconds(30)),
                new CableSettings.Dialling(256, 20_000, Duration.ofSeconds(60))));
    HttpSettings http = configuration.http();
    assertThat(http.allowedOrigins()).isEmpty();
    assertThat(http.trustedProxies()).hasToString(TrustedProxies.DEFAULT.toString());
    assertThat(http.dialling())
        .isEqualTo(new HttpSettings.Dialling(null, null, List.of(), 16 * 1024));
    assertThat(http.bodies()).isEqualTo(new HttpSettings.Bodies(64 * 1024, 1024 * 1024, 100, 64));
    assertThat(http.polls()).isEqualTo(new HttpSettings.Polls(Duration.ofSeconds(25), 32));
    assertThat(http.pages())
        .isEqualTo(
            new HttpSettings.Pages(
                true, new HttpSettings.Diagnosis(true, Set.of(), null, null, null), null));
    assertThat(configuration.warnings()).isEmpty();
  }

  /** Every setting with a value other than its default. */
  private static final Map<String, String> ALL =
      Map.ofEntries(
          Map.entry("cable.url", "wss://rails.example/cable?key=1"),
          Map.entry("cable.paths", "/admin/cable, /*/cable"),
          Map.entry("cable.host", "app.example:8443"),
          Map.entry("cable.origin", "https://app.example"),
          Map.entry("cable.forwarded-headers", "X-Tenant, CF-Ray"),
          Map.entry("cable.max-forwarded", "8KiB"),
          Map.entry("cable.max-message", "1MiB"),
          Map.entry("cable.connect-timeout", "9s"),
          Map.entry("cable.wait-timeout", "15s"),
          Map.entry("cable.welcome-timeout", "11s"),
          Map.entry("cable.stale", "7s"),
          Map.entry("cable.backoff-min", "501ms"),
          Map.entry("cable.backoff-max", "31s"),
          Map.entry("cable.max-dials", "257"),
          Map.entry("cable.max-waiting", "1025"),
          Map.entry("listeners", "many"),
          Map.entry("max-listeners", "17"),
          Map.entry("max-sessions", "20001"),
          Map.entry("max-subscriptions", "101"),
          Map.entry("linger", "1m"),
          Map.entry("log.events", "1001"),
          Map.entry("log.bytes", "513KiB"),
          Map.entry("log.budget", "3MiB"),
          Map.entry("heartbeat", "16s"),
          Map.entry("retry", "3s"),
          Map.entry("stall", "12s"),
          Map.entry("stall-sole", "26s"),
          Map.entry("confirm", "13s"),
          Map.entry("max-unsent", "257KiB"),
          Map.entry("drain.notice", "14s"),
          Map.entry("drain.retry-min", "502ms"),
          Map.entry("drain.retry-max", "4s"),
          Map.entry("drain.timeout", "8s"),
          Map.entry("allowed-origins", "https://a.example,https://b.example:8443"),
          Map.entry("trusted-proxies", "none"),
          Map.entry("max-body", "65KiB"),
          Map.entry("max-tunnel-body", "1025KiB"),
          Map.entry("max-commands", "102"),
          Map.entry("max-depth", "65"),
          Map.entry("poll.timeout", "27s"),
          Map.entry("max-sessions-per-address", "19"),
          Map.entry("poll.queue", "33"),
          Map.entry("cluster.store", "redis://me:secret@cache.example:6380/1"),
          Map.entry("cluster.secret", "0123456789abcdef0123456789abcdef"),
          Map.entry("cluster.address", "http://10.0.0.5:8080/cable-events"),
          Map.entry("console", "off"),
          Map.entry("diagnosis", "off"),
          Map.entry("diagnosis.websockets", "wss://cable.example, ws://127.0.0.1:28080"),
          Map.entry("diagnosis.application", "Acme & Sons"),
          Map.entry("diagnosis.logo", "https://cdn.example/logo.svg"),
          Map.entry("diagnosis.support", "support@app.example"),
          Map.entry("operator.token", "a-token-that-nobody-guesses=="));

  @Test
  void allNamesReachWhatTheyName() {
    ALL.forEach((name, value) -> properties.put("cablestream." + name, value));

    Configuration configuration = read();

    assertThat(configuration.limits())
        .isEqualTo(
            new Limits(
                new Limits.Sessions(20_001, 19, Duration.ofMinutes(1)),
                new Limits.Listening(
                    true,
                    17,
                    Duration.ofSeconds(16),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(12),
                    Duration.ofSeconds(26)),
                new Limits.Logs(1_001, 513 * 1024, 3L << 20),
                new Limits.Commands(101, Duration.ofSeconds(13), 257 * 1024),
                new Limits.Drain(
                    Duration.ofSeconds(14),
                    Duration.ofMillis(502),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(8),
                    true)));
    assertThat(configuration.cable())
        .isEqualTo(
            new CableSettings(
                URI.create("wss://rails.example/cable?key=1"),
                new CablePaths(List.of("/admin/cable", "/*/cable"), false),
                1024 * 1024,
                new CableSettings.Timeouts(
                    Duration.ofSeconds(9), Duration.ofSeconds(11), Duration.ofSeconds(7)),
                new ReconnectPolicy(Duration.ofMillis(501), Duration.ofSeconds(31)),
                new CableSettings.Dialling(257, 1_025, Duration.ofSeconds(15))));
    HttpSettings http = configuration.http();
    assertThat(http.allowedOrigins())
        .containsExactlyInAnyOrder("https://a.example", "https://b.example:8443");
    assertThat(http.trustedProxies()).hasToString("");
    assertThat(http.dialling().host()).isEqualTo("app.example:8443");
    assertThat(http.dialling().origin()).isEqualTo("https://app.example");
    assertThat(http.dialling().forwardedHeaders()).containsExactly("X-Tenant", "CF-Ray");
    assertThat(http.dialling().maxForwardedBytes()).isEqualTo(8 * 1024);
    assertThat(http.bodies().max()).isEqualTo(65 * 1024);
    assertThat(http.bodies().maxTunnel()).isEqualTo(1025 * 1024);
    assertThat(http.bodies().maxCommands()).isEqualTo(102);
    assertThat(http.bodies().maxDepth()).isEqualTo(65);
    assertThat(http.polls().timeout()).isEqualTo(Duration.ofSeconds(27));
    assertThat(http.polls().queue()).isEqualTo(33);
    assertThat(http.pages().console()).isFalse();
    assertThat(http.pages().diagnosis().served()).isFalse();
    assertThat(http.pages().diagnosis().webSockets())
        .containsExactlyInAnyOrder("wss://cable.example", "ws://127.0.0.1:28080");
    assertThat(http.pages().diagnosis().application()).isEqualTo("Acme & Sons");
    assertThat(http.pages().diagnosis().logo()).isEqualTo("https://cdn.example/logo.svg");
    assertThat(http.pages().diagnosis().support()).isEqualTo("support@app.example");
    assertThat(http.pages().operatorToken()).isEqualTo(Digest.of("a-token-that-nobody-guesses=="));
  }

  static Set<String> names() {
    return ALL.keySet();
  }

  @Test
  void noSettingIsForgottenHere() {
    assertThat(Settings.ALL.stream().map(Setting::name).collect(Collectors.toSet()))
        .isEqualTo(ALL.keySet());
  }

  @ParameterizedTest
  @MethodSource("names")
  void eachCanBeGivenInEachPlace(String name) {
    String variable = "CABLESTREAM_" + name.toUpperCase().replace('.', '_').replace('-', '_');
    String shown =
        name.equals("operator.token") || name.equals("cluster.secret")
            ? "***"
            : Setting.withoutSecrets(ALL.get(name));
    properties.remove("cablestream." + name);
    if (name.equals("cluster.store")) {
      properties.put("cablestream.cluster.secret", ALL.get("cluster.secret"));
    }

    parameters.put("cablestream." + name, ALL.get(name));
    assertThat(value(name))
        .isEqualTo(new SettingReader.Value(name, shown, "context parameter cablestream." + name));

    environment.put(variable, ALL.get(name));
    assertThat(value(name))
        .isEqualTo(new SettingReader.Value(name, shown, "environment variable " + variable));

    properties.put("cablestream." + name, ALL.get(name));
    assertThat(value(name))
        .isEqualTo(new SettingReader.Value(name, shown, "system property cablestream." + name));
  }

  @Test
  void theEnvironmentsNameIsTheOneThatTheDocumentationGives() {
    assertThat(Settings.CABLE_URL.variable()).isEqualTo("CABLESTREAM_CABLE_URL");
    assertThat(Settings.CABLE_MAX_MESSAGE.variable()).isEqualTo("CABLESTREAM_CABLE_MAX_MESSAGE");
    assertThat(Settings.ALL.stream().map(Setting::variable)).doesNotHaveDuplicates();
  }

  @Test
  void anEmptyValueIsNone() {
    properties.put("cablestream.linger", " ");
    environment.put("CABLESTREAM_LINGER", "");
    parameters.put("cablestream.linger", " 5s ");

    assertThat(read().limits().sessions().linger()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void withoutACableItSaysWhereToNameIt() {
    properties.clear();

    assertProblem(
        "cablestream.cable.url must be set, as a system property, as the environment variable"
            + " CABLESTREAM_CABLE_URL or as a context parameter; allowed: one URL with ws:, wss:,"
            + " http: or https:, without user and fragment");
  }

  @Test
  void aBadValueNamesSettingValueSourceAndWhatIsAllowed() {
    environment.put("CABLESTREAM_LINGER", "30");

    assertProblem(
        "cablestream.linger is invalid: \"30\" (environment variable CABLESTREAM_LINGER);"
            + " allowed: a whole number with ms, s, m or h (like 500ms or 30s), from 0s to 1h");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    properties.put("cablestream.linger", "x");
    properties.put("cablestream.console", "yes");

    assertThatThrownBy(this::read)
        .hasMessageContaining("cablestream.linger")
        .hasMessageContaining("cablestream.console");
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "cable.url|ftp://a/cable",
        "cable.url|ws:///cable",
        "cable.url|/cable",
        "cable.url|ws://a b/",
        "cable.url|ws://user:secret@a/cable",
        "cable.url|ws://a/cable#x",
        "cable.url|ws://a/cable,ws://b/cable",
        "cable.url|ws://a/cable;wss://b/cable",
        "cable.url|ws://a/cable?key=1,http://b/cable",
        "cable.url|ws://a/cable ws://b/cable",
        "cable.url|ws://a,b/cable",
        "cable.paths|admin/cable",
        "cable.paths|/a,,/b",
        "cable.paths|/a/../b",
        "cable.paths|/a%2Fb",
        "cable.paths|/a?b",
        "cable.host|a/b",
        "cable.origin|https://a.example/",
        "cable.forwarded-headers|Cookie",
        "cable.forwarded-headers|X-A,,X-B",
        "cable.forwarded-headers|X A",
        "cable.max-message|63KiB",
        "cable.max-message|2GiB",
        "cable.max-message|1048576",
        "cable.max-message|1 MiB",
        "cable.max-message|1MB",
        "linger|-1s",
        "linger|1.5s",
        "linger|61m",
        "linger|1d",
        "linger|99999999999s",
        "max-sessions|0",
        "max-sessions|100001",
        "max-sessions|1000000",
        "max-sessions|many",
        "max-sessions|1e3",
        "max-sessions|10000000000",
        "listeners|two",
        "console|true",
        "allowed-origins|*",
        "allowed-origins|none",
        "allowed-origins|https://a.example,",
        "allowed-origins|https://a.example/",
        "allowed-origins|null",
        "trusted-proxies|10.0.0.0/33",
        "trusted-proxies|localhost",
        "max-depth|501",
        "poll.timeout|61s",
        "poll.queue|0",
        "diagnosis.websockets|https://cable.example",
        "diagnosis.websockets|wss://cable.example/cable",
        "diagnosis.websockets|wss://*.example",
        "diagnosis.websockets|wss:",
        "diagnosis.websockets|wss://a; script-src *",
        "operator.token|15-characters--",
        "operator.token|sixteen or more with blanks",
        "operator.token|sixteen-or-more-ümlauts",
      },
      delimiter = '|')
  void whatCannotBeIsRefused(String name, String value) {
    properties.put("cablestream." + name, value);

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageStartingWith("cablestream." + name + " is invalid")
        .hasMessageContaining("system property")
        .hasMessageContaining("allowed: ");
  }

  @Test
  void boundsThatCrossAreRefused() {
    properties.put("cablestream.cable.backoff-min", "2s");
    properties.put("cablestream.cable.backoff-max", "1s");

    assertProblem(
        "cablestream.cable.backoff-min must not be more than cablestream.cable.backoff-max");
  }

  @Test
  void aUrlInTheQueryOfTheCablesIsNoSecondOne() {
    properties.put("cablestream.cable.url", "ws://a/cable?back=https://b/,c");

    assertThat(read().cable().url()).hasToString("ws://a/cable?back=https://b/,c");
  }

  @Test
  void logsThatMayTakeMoreThanHalfOfTheHeapAreRefused() {
    long max = Runtime.getRuntime().maxMemory() / 2;
    properties.put("cablestream.log.budget", (max >> 20) + "MiB");
    assertThat(read().limits().logs().budget()).isEqualTo(max >> 20 << 20);

    properties.put("cablestream.log.budget", ((max >> 20) + 1) + "MiB");
    assertProblem(
        "cablestream.log.budget must not be more than half of the heap, which is "
            + (max >> 20)
            + " MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1s", "3s"})
  void aCableThatIsStaleBetweenTwoPingsIsWarnedOf(String value) {
    properties.put("cablestream.cable.stale", value);

    assertThat(read().warnings())
        .singleElement()
        .asString()
        .startsWith(
            "cablestream.cable.stale is no longer than the time between two pings of Rails");
  }

  @ParameterizedTest
  @ValueSource(strings = {"system property", "context parameter"})
  void anUnknownNameStopsTheDeploymentAndTheNearestIsNamed(String kind) {
    (kind.equals("system property") ? properties : parameters).put("cablestream.lingr", "5s");

    assertProblem("unknown " + kind + " cablestream.lingr; the nearest is cablestream.linger");
  }

  @Test
  void anUnknownVariableOnlyWarnsAsKubernetesInventsSome() {
    environment.put("CABLESTREAM_PORT", "tcp://10.0.0.1:80");

    assertThat(read().warnings())
        .singleElement()
        .asString()
        .startsWith("unknown environment variable CABLESTREAM_PORT");
  }

  @Test
  void aPasswordOrATokenIsNeverShown() {
    properties.put("cablestream.cable.url", "wss://a.example/cable?token=hush");
    assertThat(value("cable.url").text()).isEqualTo("wss://a.example/cable?***");

    properties.put("cablestream.cable.url", "wss://joe:hush@a.example/cable");
    assertThatThrownBy(this::read)
        .hasMessageContaining("wss://***@a.example/cable")
        .hasMessageNotContaining("hush");
  }

  @ParameterizedTest
  @CsvSource({
    "redis://:hush/hush@10.0.0.2, redis://***@10.0.0.2",
    "redis://:hush@hush@10.0.0.2, redis://***@10.0.0.2",
    "redis://:hush?hush@10.0.0.2, redis://***",
    "redis://:hush@10.0.0.2/1, redis://***@10.0.0.2/1",
    "wss://joe:hush@a.example/cable?token=hush, wss://***@a.example/cable?***"
  })
  void aPasswordIsNotShownWhateverItsCharactersAre(String url, String shown) {
    assertThat(Setting.withoutSecrets(url)).isEqualTo(shown);
  }

  @Test
  void anOperatorsTokenIsShownNeitherInForceNorWhereItIsWrong() {
    properties.put("cablestream.operator.token", "hush-hush-hush-hush");
    assertThat(read().toString()).doesNotContain("hush");
    assertThat(value("operator.token").text()).isEqualTo("***");

    properties.put("cablestream.operator.token", "hush");
    assertProblem(
        "cablestream.operator.token is invalid: \"***\" (system property"
            + " cablestream.operator.token); allowed: 16 to 256 of A-Z a-z 0-9 - . _ ~ + /"
            + " and = at the end");
  }

  @Test
  void theValuesInForceAreInTheTablesOrder() {
    assertThat(read().values())
        .extracting(SettingReader.Value::name)
        .containsExactlyElementsOf(Settings.ALL.stream().map(Setting::name).toList());
    assertThat(value("linger")).isEqualTo(new SettingReader.Value("linger", "30s", "default"));
    assertThat(value("max-sessions").text()).isEqualTo("20000");
  }

  @Test
  void theProcessOfJavaJarHasSettingsOfItsOwn() {
    assertThat(StandaloneSettings.read(sources()))
        .isEqualTo(
            new StandaloneSettings(
                "127.0.0.1",
                8080,
                "/cable-events",
                4_096,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5)));

    properties.put("cablestream.http.port", "0");
    environment.put("CABLESTREAM_HTTP_HOST", "::");
    environment.put("CABLESTREAM_HTTP_PATH", "/");
    properties.put("cablestream.http.backlog", "10");
    environment.put("CABLESTREAM_WARM_UP", "0s");
    properties.put("cablestream.drain.notice", "2s");
    assertThat(StandaloneSettings.read(sources()))
        .isEqualTo(new StandaloneSettings("::", 0, "/", 10, Duration.ZERO, Duration.ofSeconds(7)));
  }

  /** As a service named cablestream-http has it: it would have stopped every node. */
  @Test
  void aPortThatKubernetesMadeOfAServiceIsIgnoredWithAWarning() {
    environment.put("CABLESTREAM_HTTP_PORT", "tcp://10.0.0.1:80");

    assertThat(StandaloneSettings.read(sources()).port()).isEqualTo(8080);
    assertThat(read().warnings())
        .containsExactly(
            "CABLESTREAM_HTTP_PORT is ignored: Kubernetes made it of a service's name");

    environment.put("CABLESTREAM_HTTP_PORT", "http");
    assertThatThrownBy(() -> StandaloneSettings.read(sources()))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("cablestream.http.port is invalid: \"http\"");
  }

  @ParameterizedTest
  @CsvSource({
    "http.port,65536",
    "http.port,tcp://10.0.0.1:80",
    "http.host,a b",
    "http.path,cable-events",
    "http.path,/cable-events/",
    "http.path,//",
    "warm-up,2m",
  })
  void anAddressThatCannotBeIsRefusedAndNotLookedAtInAContainer(String name, String value) {
    properties.put("cablestream." + name, value);

    assertThatThrownBy(() -> StandaloneSettings.read(sources()))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageStartingWith("cablestream." + name + " is invalid");
    assertThat(read().warnings()).isEmpty();
  }

  @Test
  void aContextParameterCannotSetTheAddress() {
    parameters.put("cablestream.http.port", "8081");

    assertThatThrownBy(this::read).hasMessageStartingWith("unknown context parameter");
  }

  private Sources sources() {
    return new Sources(properties, environment, parameters);
  }

  private Configuration read() {
    return Configuration.read(sources());
  }

  private SettingReader.Value value(String name) {
    return read().values().stream().filter(v -> v.name().equals(name)).findFirst().get();
  }

  private void assertProblem(String message) {
    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(message);
  }
}
