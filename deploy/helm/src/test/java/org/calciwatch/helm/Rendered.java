package org.calciwatch.helm;

import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What Helm made of the chart with some values, as the release "calciwatch".
 *
 * @param name what the values are, for the names of tests
 */
record Rendered(String name, List<ObjectNode> documents) {

    static final List<String> SERVICES = List.of("intake", "assessment", "notification");

    Stream<ObjectNode> all(String kind) {
        return documents.stream().filter(each -> each.path("kind").asText().equals(kind));
    }

    /** The object of this kind that belongs to a service. */
    ObjectNode of(String service, String kind) {
        return all(kind)
                .filter(each -> each.at("/metadata/name").asText().equals("calciwatch-" + service))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no " + kind + " of " + service));
    }

    JsonNode pod(String service) {
        return of(service, "Deployment").at("/spec/template");
    }

    /** The one container of a service's pods. */
    JsonNode container(String service) {
        return pod(service).at("/spec/containers/0");
    }

    /** The service's settings by name; of those that come from Secrets, the reference. */
    Map<String, JsonNode> environment(String service) {
        return Chart.elements(container(service).path("env"))
                .collect(toMap(
                        each -> each.path("name").asText(),
                        each -> each.has("value") ? each.get("value") : each.at("/valueFrom/secretKeyRef")));
    }

    /** The value of a setting that is no secret. */
    String setting(String service, String name) {
        return environment(service)
                .getOrDefault(name, MissingNode.getInstance())
                .asText();
    }

    @Override
    public String toString() {
        return name;
    }
}
