package org.calciwatch.helm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.io.IOException;
import java.util.Map;

/**
 * What Kubernetes takes, by the model that its own Java client is generated with: it refuses fields it does not know,
 * values of another type, and objects that lack a required field. Resources of KEDA and Prometheus' operator are
 * checked by a schema.
 */
final class KubernetesApi {

    /** Reads a document. */
    private interface Reader {
        Object read(String json) throws IOException;
    }

    private static final Map<String, Reader> KINDS = Map.of(
            "apps/v1 Deployment", V1Deployment::fromJson,
            "v1 Service", V1Service::fromJson,
            "v1 ServiceAccount", V1ServiceAccount::fromJson,
            "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::fromJson,
            "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy::fromJson,
            "networking.k8s.io/v1 Ingress", V1Ingress::fromJson);
    private static final JsonSchema OTHERS = JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(KubernetesApi.class.getResourceAsStream("/custom-resources.json"));

    private KubernetesApi() {}

    /** Fails when Kubernetes would refuse the document, with the field. */
    static void check(ObjectNode document) {
        var kind = document.path("apiVersion").asText() + " "
                + document.path("kind").asText();
        var reader = KINDS.getOrDefault(kind, KubernetesApi::checkOther);
        try {
            reader.read(document.toString());
        } catch (IOException | RuntimeException e) {
            throw new AssertionError(kind + " " + document.at("/metadata/name") + ": " + e.getMessage(), e);
        }
    }

    private static Object checkOther(String json) throws IOException {
        var problems = OTHERS.validate(json, InputFormat.JSON);
        if (!problems.isEmpty()) {
            throw new IOException(problems.toString());
        }
        return json;
    }
}
