package org.calciwatch.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The chart with values.
 *
 * @param name what the values are, for the names of tests
 */
record Chart(String name, ObjectNode values) {

    static final Path PROJECT = Path.of(System.getProperty("calciwatch.project"));
    static final Path DIRECTORY = PROJECT.resolve("deploy/helm/calciwatch");
    private static final ObjectMapper JSON = new ObjectMapper();

    static Chart example(String name) {
        return new Chart(name, yaml(text(PROJECT.resolve("deploy/helm/examples/" + name + ".yaml"))));
    }

    /** With values that override those of the same name. */
    Chart with(String others) {
        return new Chart(
                name + " with " + others.lines().findFirst().orElseThrow(), merge(values.deepCopy(), yaml(others)));
    }

    /** Without a value, given as in a.b.c. */
    Chart without(String path) {
        var fewer = values.deepCopy();
        var dot = path.lastIndexOf('.');
        ((ObjectNode) fewer.at("/" + path.substring(0, dot).replace('.', '/'))).remove(path.substring(dot + 1));
        return new Chart(name + " without " + path, fewer);
    }

    /**
     * As the release "calciwatch" in the namespace "clinic".
     *
     * @throws IllegalStateException with what Helm says when it refuses the values
     */
    Rendered render() {
        var text = new Helm(copy())
                .template()
                .withName("calciwatch")
                .withNamespace("clinic")
                .call();
        return new Rendered(
                name,
                StreamSupport.stream(parser().loadAll(text).spliterator(), false)
                        .filter(Objects::nonNull)
                        .map(Chart::tree)
                        .toList());
    }

    /** What Helm's linter has to say, but for mere hints. */
    List<String> lint() {
        return new Helm(copy()).lint().strict().quiet().call().getMessages();
    }

    /**
     * The chart with these values for its own, which is the only way to have them linted; and for any version of
     * Kubernetes, as the library takes every cluster for one of version 1.20.
     */
    private Path copy() {
        try {
            var copy = Files.createTempDirectory(Files.createDirectories(Path.of("target/charts")), "")
                    .resolve("calciwatch");
            try (var files = Files.walk(DIRECTORY)) {
                for (var file : files.toList()) {
                    Files.copy(file, copy.resolve(DIRECTORY.relativize(file)));
                }
            }
            var own = yaml(text(DIRECTORY.resolve("values.yaml")));
            Files.writeString(copy.resolve("values.yaml"), merge(own, values).toString());
            var chart = copy.resolve("Chart.yaml");
            Files.writeString(chart, text(chart).replaceFirst("(?m)^kubeVersion:.*$", ""));
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As Helm merges: maps by key, everything else as a whole. */
    private static ObjectNode merge(ObjectNode values, ObjectNode others) {
        others.properties().forEach(other -> {
            var before = values.get(other.getKey());
            if (before instanceof ObjectNode map && other.getValue() instanceof ObjectNode more) {
                merge(map, more);
            } else {
                values.set(other.getKey(), other.getValue());
            }
        });
        return values;
    }

    static ObjectNode schema() {
        return yaml(text(DIRECTORY.resolve("values.schema.json")));
    }

    static ObjectNode yaml(String text) {
        return tree(parser().load(text));
    }

    static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static ObjectNode tree(Object document) {
        return JSON.valueToTree(document);
    }

    /** Refuses a key that stands twice, as Kubernetes does. */
    private static Yaml parser() {
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return new Yaml(new SafeConstructor(options));
    }
}
