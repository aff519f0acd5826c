package org.calciwatch.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the NetworkPolicies of a rendered chart let through. */
record Network(Rendered chart) {

    private static final Predicate<JsonNode> SERVICES_ONLY =
            rule -> rule.has("to") && Chart.elements(rule.path("to")).allMatch(peer -> peer.has("podSelector"));

    /** Whether pods of one service may open connections to the port of another, by the rules of both. */
    boolean connects(String from, String to) {
        var port = chart.container(to).at("/ports/0/containerPort").asInt();
        return rules(from, "egress").anyMatch(rule -> names(rule, "to", to) && opens(rule, port))
                && rules(to, "ingress").anyMatch(rule -> names(rule, "from", from) && opens(rule, port));
    }

    /** Whether pods of a namespace outside the release may open connections to a service. */
    boolean admits(String namespace, String to) {
        return rules(to, "ingress")
                .flatMap(rule -> Chart.elements(rule.path("from")))
                .anyMatch(peer -> peer.at("/namespaceSelector/matchLabels/kubernetes.io~1metadata.name")
                        .asText()
                        .equals(namespace));
    }

    /** Whether a service may open connections to a port outside the release. */
    boolean leaves(String from, int port) {
        return rules(from, "egress").filter(SERVICES_ONLY.negate()).anyMatch(rule -> opens(rule, port));
    }

    private Stream<JsonNode> rules(String service, String direction) {
        return chart.all("NetworkPolicy")
                .filter(policy -> selects(policy.at("/spec/podSelector"), service))
                .flatMap(policy -> Chart.elements(policy.at("/spec").path(direction)));
    }

    private boolean names(JsonNode rule, String side, String service) {
        return Chart.elements(rule.path(side))
                .anyMatch(peer -> peer.has("podSelector") && selects(peer.path("podSelector"), service));
    }

    private static boolean opens(JsonNode rule, int port) {
        return Chart.elements(rule.path("ports"))
                .anyMatch(each -> each.path("port").asInt() == port);
    }

    private boolean selects(JsonNode selector, String service) {
        var labels = chart.pod(service).at("/metadata/labels");
        return selector.path("matchLabels").properties().stream()
                .allMatch(wanted -> wanted.getValue().equals(labels.get(wanted.getKey())));
    }
}
