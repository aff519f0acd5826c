package org.calciwatch.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as Helm renders it: what Kubernetes would be told, and what the services would read. */
class HelmChartTest {

    private static final Pattern MARKED_AS_SECRET = Pattern.compile("PASSWORD|SECRET|JAAS");

    /** Values by which every option is once on and once off, each on top of one of the examples. */
    static Stream<Chart> variants() {
        return Stream.of(
                Chart.example("strimzi"),
                Chart.example("managed"),
                Chart.example("strimzi").with("""
                        networkPolicy: {enabled: false}
                        ingress: {enabled: false}
                        autoscaling: {enabled: false}
                        metrics: {serviceMonitor: {enabled: false}}
                        """),
                Chart.example("managed").with("""
                        autoscaling: {enabled: true}
                        kafka: {securityProtocol: SSL, ca: {secret: kafka-ca}}
                        """),
                Chart.example("managed").with("kafka: {securityProtocol: PLAINTEXT}"),
                Chart.example("strimzi").with("""
                        image: {repository: registry.example/calciwatch, tag: 1.2.3, pullPolicy: Always, pullSecrets: [registry]}
                        clinic: {id: north-2, logo: {configMap: clinic, key: logo.png}, educationRelease: after-review}
                        postgresql: {sslMode: require}
                        mail:
                          templates: {configMap: mails}
                          smtp: {ca: {secret: mail-ca}}
                          bounces: {host: imap.example, ca: {secret: mail-ca}}
                        scheduling:
                          nodeSelector: {disk: fast}
                          tolerations: [{key: clinic, operator: Exists, effect: NoSchedule}]
                          affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [
                            {matchExpressions: [{key: zone, operator: In, values: [a, b]}]}]}}}
                          priorityClassName: clinic
                        services:
                          intake:
                            secretEnv: {QUARKUS_OTEL_EXPORTER_OTLP_HEADERS: {name: tracing, key: headers}}
                            extraVolumes: [{name: trust, secret: {secretName: trust}}]
                            extraVolumeMounts: [{name: trust, mountPath: /etc/trust, readOnly: true}]
                        networkPolicy:
                          egress:
                            kafkaPorts: [9093, 9094]
                            more: [{ports: [{port: 4317, protocol: TCP}]}]
                        metrics:
                          prometheusRule:
                            enabled: true
                            labels: {release: prometheus}
                            rules: |
                              groups:
                                - name: calciwatch
                                  rules: [{alert: ServiceDown, expr: up == 0, for: 2m, labels: {severity: page}}]
                        """));
    }

    private static final List<Rendered> RENDERED = variants().map(Chart::render).toList();

    static List<Rendered> rendered() {
        return RENDERED;
    }

    private final Rendered full = RENDERED.get(0);
    private final Rendered managed = RENDERED.get(1);

    @ParameterizedTest
    @MethodSource("variants")
    void helm_finds_nothing_to_say_about_the_chart(Chart chart) {
        assertThat(chart.lint()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void every_document_is_one_that_kubernetes_takes(Rendered chart) {
        assertThat(chart.documents()).isNotEmpty().allSatisfy(KubernetesApi::check);
    }

    @ParameterizedTest
    @CsvSource({
        "Deployment, /spec/template/spec/containers/0, readOnlyRootFileSystem, true",
        "Deployment, /spec, minReadySecond, 10",
        "Service, /spec, sessionAfinity, None",
        "NetworkPolicy, /spec, policyType, Egress",
        "ScaledObject, /spec, maxReplicas, 6",
        "ServiceMonitor, /spec, endpoint, http"
    })
    void a_misspelt_field_would_be_noticed(String kind, String place, String field, String value) {
        var document = full.all(kind).findFirst().orElseThrow().deepCopy();
        ((ObjectNode) document.at(place)).put(field, value);
        assertThatThrownBy(() -> KubernetesApi.check(document)).hasMessageContaining(field);
    }

    @Test
    void a_value_of_the_wrong_type_would_be_noticed() {
        var document = full.of("intake", "Deployment").deepCopy();
        ((ObjectNode) document.path("spec")).put("minReadySeconds", "ten");
        assertThatThrownBy(() -> KubernetesApi.check(document)).hasMessageContaining("ten");
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void no_secret_stands_in_any_document(Rendered chart) {
        assertThat(chart.all("Secret")).isEmpty();
        for (var service : Rendered.SERVICES) {
            chart.environment(service).forEach((name, value) -> assertThat(
                            value.isObject() || !MARKED_AS_SECRET.matcher(name).find())
                    .as("%s of %s comes from a Secret", name, service)
                    .isTrue());
        }
    }

    @Test
    void a_secret_among_the_plain_settings_is_refused() {
        assertThat(refusal(Chart.example("managed").with("env: {QUARKUS_DATASOURCE_PASSWORD: hunter2}")))
                .contains("env", "QUARKUS_DATASOURCE_PASSWORD");
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void every_container_has_as_few_rights_as_can_be(Rendered chart) {
        for (var service : Rendered.SERVICES) {
            var pod = chart.pod(service).path("spec");
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").asInt()).isPositive();
            assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
            assertThat(pod.has("hostNetwork") || pod.has("hostPID") || pod.has("hostIPC"))
                    .isFalse();
            assertThat(Chart.elements(pod.path("volumes"))).noneMatch(volume -> volume.has("hostPath"));
            assertThat(pod.path("containers")).hasSize(1);
            var container = chart.container(service);
            assertThat(container.path("securityContext"))
                    .isEqualTo(
                            Chart.yaml(
                                    "{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}"));
            assertThat(container.at("/resources/requests").has("cpu")).isTrue();
            assertThat(container.at("/resources/requests/memory"))
                    .isEqualTo(container.at("/resources/limits/memory"))
                    .isNotEqualTo(MissingNode.getInstance());
            assertThat(mounted(container, "/tmp"))
                    .as("a directory that can be written to")
                    .isTrue();
            assertThat(chart.of(service, "ServiceAccount")
                            .path("automountServiceAccountToken")
                            .asBoolean(true))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void no_address_of_another_service_slips_in_among_the_settings(Rendered chart) {
        assertThat(Rendered.SERVICES)
                .allMatch(service ->
                        !chart.pod(service).at("/spec/enableServiceLinks").asBoolean(true));
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void an_update_brings_the_new_pod_first_and_gives_the_old_one_time_to_end(Rendered chart) {
        for (var service : Rendered.SERVICES) {
            var deployment = chart.of(service, "Deployment").path("spec");
            assertThat(deployment.path("strategy"))
                    .isEqualTo(Chart.yaml("{type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}"));
            assertThat(deployment.path("minReadySeconds").asInt()).isPositive();
            var drain = chart.container(service)
                    .at("/lifecycle/preStop/sleep/seconds")
                    .asInt();
            var shutdown = Integer.parseInt(
                    chart.setting(service, "QUARKUS_SHUTDOWN_TIMEOUT").replace("s", ""));
            assertThat(drain).isPositive();
            assertThat(chart.pod(service)
                            .at("/spec/terminationGracePeriodSeconds")
                            .asInt())
                    .isGreaterThan(drain + shutdown);
            assertThat(chart.of(service, "PodDisruptionBudget")
                            .at("/spec/maxUnavailable")
                            .asInt())
                    .isEqualTo(1);
            assertThat(chart.pod(service).at("/spec/topologySpreadConstraints")).hasSize(2);
        }
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void selectors_find_the_pods_of_their_service_and_no_others(Rendered chart) {
        for (var service : Rendered.SERVICES) {
            var labels = chart.pod(service).at("/metadata/labels");
            for (var selector : List.of(
                    chart.of(service, "Deployment").at("/spec/selector/matchLabels"),
                    chart.of(service, "PodDisruptionBudget").at("/spec/selector/matchLabels"),
                    chart.of(service, "Service").at("/spec/selector"))) {
                assertThat(labels.properties()).containsAll(selector.properties());
                assertThat(selector.path("app.kubernetes.io/component").asText())
                        .isEqualTo(service + "-service");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void every_pod_is_asked_whether_it_started_is_ready_and_lives(Rendered chart) {
        for (var service : Rendered.SERVICES) {
            var container = chart.container(service);
            assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/q/health/started");
            assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/q/health/ready");
            assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/q/health/live");
            assertThat(patience(container, "startupProbe"))
                    .isEqualTo(600)
                    .isLessThan(chart.of(service, "Deployment")
                            .at("/spec/progressDeadlineSeconds")
                            .asInt());
        }
    }

    @Test
    void pods_that_were_ready_go_on_taking_answers_while_the_broker_is_away() {
        assertThat(patience(full.container("intake"), "readinessProbe")).isEqualTo(24 * 3600);
    }

    @Test
    void the_services_find_each_other_where_they_listen() {
        for (var asking : List.of("intake", "notification")) {
            for (var asked : List.of("assessment", "notification")) {
                assertThat(full.setting(asking, "CALCIWATCH_" + asked.toUpperCase(Locale.ROOT) + "_URL"))
                        .isEqualTo(address(asked));
            }
        }
        assertThat(full.setting("notification", "CALCIWATCH_PORTAL_URL")).isEqualTo(address("intake"));
        assertThat(full.setting("notification", "CALCIWATCH_PLAIN_HTTP_HOSTS").split(","))
                .containsExactlyInAnyOrder("calciwatch-intake", "calciwatch-assessment", "calciwatch-notification");
    }

    private String address(String service) {
        var port = full.of(service, "Service").at("/spec/ports/0/port").asInt();
        assertThat(full.container(service).at("/ports/0/containerPort").asInt()).isEqualTo(port);
        assertThat(full.setting(service, "QUARKUS_HTTP_PORT")).isEqualTo(String.valueOf(port));
        return "http://calciwatch-" + service + ":" + port;
    }

    @Test
    void who_may_connect_to_whom_is_what_the_services_need() {
        var network = new Network(full);
        var connections = Rendered.SERVICES.stream()
                .flatMap(from -> Rendered.SERVICES.stream()
                        .filter(to -> network.connects(from, to))
                        .map(to -> from + " -> " + to))
                .toList();
        assertThat(connections)
                .containsExactly(
                        "intake -> assessment",
                        "intake -> notification",
                        "notification -> intake",
                        "notification -> assessment",
                        "notification -> notification");
        assertThat(Rendered.SERVICES)
                .filteredOn(each -> network.admits("ingress-nginx", each))
                .containsExactly("intake", "notification");
        assertThat(Rendered.SERVICES).allMatch(each -> network.admits("monitoring", each));
        assertThat(Rendered.SERVICES).noneMatch(each -> network.admits("default", each));
    }

    @ParameterizedTest
    @CsvSource({
        "intake,       53 443 5432 9092",
        "assessment,   53 443 5432 9092",
        "notification, 53 443 465 993 5432 8443 9092"
    })
    void pods_reach_the_ports_of_their_settings_and_no_others(String service, String ports) {
        var network = new Network(managed);
        assertThat(IntStream.range(1, 65_536).filter(port -> network.leaves(service, port)))
                .containsExactlyElementsOf(
                        Stream.of(ports.split(" ")).map(Integer::valueOf).toList());
    }

    @Test
    void the_ingress_leads_to_everything_that_is_for_the_outside() throws IOException {
        for (var site : Site.values()) {
            assertThat(site.published()).hasSizeGreaterThan(10).allSatisfy(path -> assertThat(routed(site, path))
                    .as("%s of %s is routed", path, site.service)
                    .isTrue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q", "/q/", "/q/health", "/q/health/ready", "/q/metrics", "/q/openapi", "/q/swagger-ui"})
    void the_ingress_does_not_lead_to_health_metrics_and_interface(String path) {
        assertThat(Site.values()).noneMatch(site -> routed(site, path));
    }

    /** A host of the Ingress. */
    private enum Site {
        PORTAL("portal.clinic.example", "intake"),
        INBOX("inbox.clinic.example", "notification");

        private static final Pattern ENDPOINT = Pattern.compile("\\| `[A-Z]+ (/[^`]+)`");
        private static final Pattern LINK = Pattern.compile("(?:href|src|action)=\"(/[^\"{?#]*)");
        private final String host;
        private final String service;

        Site(String host, String service) {
            this.host = host;
            this.service = service;
        }

        /** The endpoints of the table in docs/security.md, and what the pages refer to. */
        Set<String> published() throws IOException {
            var paths = new TreeSet<>(Set.of("/", "/logout", "/back-channel-logout"));
            var security = Chart.text(Chart.PROJECT.resolve("docs/security.md"));
            var table = security.substring(security.indexOf("### " + service + "-service"));
            table = table.substring(0, table.indexOf("\n##"));
            ENDPOINT.matcher(table).results().forEach(match -> paths.add(match.group(1)));
            for (var module : List.of("clinic-pages", service + "-service")) {
                try (var files = Files.walk(Chart.PROJECT.resolve(module).resolve("src/main/resources/templates"))) {
                    for (var file : files.filter(Files::isRegularFile).toList()) {
                        LINK.matcher(Chart.text(file)).results().forEach(match -> paths.add(match.group(1)));
                    }
                }
            }
            return paths;
        }
    }

    private boolean routed(Site site, String path) {
        return full.all("Ingress")
                .flatMap(ingress -> Chart.elements(ingress.at("/spec/rules")))
                .filter(rule -> rule.path("host").asText().equals(site.host))
                .flatMap(rule -> Chart.elements(rule.at("/http/paths")))
                .filter(route -> route.at("/backend/service/name").asText().equals("calciwatch-" + site.service))
                .anyMatch(route -> {
                    var routed = route.path("path").asText();
                    return path.equals(routed)
                            || (route.path("pathType").asText().equals("Prefix") && path.startsWith(routed + "/"));
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hosts.portal",
                "hosts.inbox",
                "oidc.issuer",
                "oidc.clientSecret.name",
                "postgresql.host",
                "kafka.bootstrapServers",
                "mail.clinicians",
                "mail.leads",
                "mail.from",
                "mail.messageIdDomain",
                "mail.smtp.host",
                "services.intake.database.secret.name",
                "services.assessment.keyset.name",
                "services.notification.kafkaUser.name"
            })
    void a_required_value_that_is_missing_is_refused_by_its_name(String name) {
        assertThat(refusal(Chart.example("strimzi").without(name))).contains(name.substring(name.lastIndexOf('.') + 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hosts: {portl: portal.example}                  | portl",
                "oidc: {issuer: http://login.example}            | issuer",
                "kafka: {securityProtocol: TLS}                  | securityProtocol",
                "kafka: {bootstrapServers: [kafka.example]}      | bootstrapServers",
                "mail: {smtp: {security: ssl}}                   | security",
                "services: {intake: {replicas: 0}}               | replicas",
                "autoscaling: {maxReplicas: 13}                  | maxReplicas",
                "ingress: {trustedProxies: []}                   | trustedProxies",
                "ingress: {trustedProxies: [ingress-nginx]}      | trustedProxies",
                "webhooks: {my-ehr: {url: 'https://a', secret: b}} | my-ehr",
                "metrics: {prometheusRule: {enabled: true}}      | metrics.prometheusRule.rules"
            })
    void a_value_that_is_wrong_is_refused_by_its_name(String values, String name) {
        assertThat(refusal(Chart.example("strimzi").with(values))).contains(name);
    }

    @Test
    void every_value_that_can_be_given_stands_in_the_file_with_the_values() {
        var values = Chart.text(Chart.DIRECTORY.resolve("values.yaml"));
        var names = names(Chart.schema())
                .filter(name -> !name.equals("global"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names).hasSizeGreaterThan(80).allMatch(name -> Pattern.compile("\\b" + name + ":")
                .matcher(values)
                .find());
    }

    /** The names of all values in a schema. */
    private static Stream<String> names(JsonNode schema) {
        return Stream.concat(
                schema.path("properties").propertyStream().map(Map.Entry::getKey),
                Chart.elements(schema).flatMap(HelmChartTest::names));
    }

    @Test
    void an_autoscaled_service_is_counted_by_the_events_it_reads() {
        for (var service : Rendered.SERVICES) {
            assertThat(full.of(service, "Deployment").path("spec").has("replicas"))
                    .isFalse();
            var trigger = full.of(service, "ScaledObject").at("/spec/triggers/0/metadata");
            var topic = trigger.path("topic").asText();
            assertThat(Chart.text(
                            Chart.PROJECT.resolve(service + "-service/src/main/resources/application.properties")))
                    .contains("mp.messaging.incoming." + topic + ".topic=" + topic)
                    .contains("mp.messaging.incoming." + topic + ".group.id="
                            + trigger.path("consumerGroup").asText());
        }
    }

    @ParameterizedTest
    @MethodSource("rendered")
    void every_setting_is_one_that_the_services_read_when_they_start(Rendered chart) {
        var known = new Settings();
        for (var service : Rendered.SERVICES) {
            assertThat(chart.environment(service).keySet()).allMatch(known::isRead);
        }
    }

    @Test
    void every_file_that_a_setting_names_is_mounted() {
        for (var chart : RENDERED) {
            for (var service : Rendered.SERVICES) {
                var named = chart.environment(service).values().stream()
                        .flatMap(value -> Pattern.compile("/etc/calciwatch/[^/]+")
                                .matcher(value.asText())
                                .results())
                        .map(MatchResult::group);
                assertThat(named).isNotEmpty().allMatch(directory -> mounted(chart.container(service), directory));
            }
        }
    }

    @Test
    void chart_and_images_have_the_version_of_the_product() {
        var version = System.getProperty("calciwatch.version").replace("-SNAPSHOT", "");
        assertThat(full.container("intake").path("image").asText()).isEqualTo("calciwatch/intake-service:" + version);
        assertThat(full.of("intake", "Service")
                        .at("/metadata/labels/helm.sh~1chart")
                        .asText())
                .isEqualTo("calciwatch-" + version);
    }

    private static String refusal(Chart chart) {
        return String.valueOf(assertThatThrownBy(chart::render).actual().getMessage());
    }

    private static int patience(JsonNode container, String probe) {
        return container.path(probe).path("periodSeconds").asInt()
                * container.path(probe).path("failureThreshold").asInt();
    }

    private static boolean mounted(JsonNode container, String directory) {
        return Chart.elements(container.path("volumeMounts"))
                .anyMatch(mount -> mount.path("mountPath").asText().equals(directory));
    }
}
