package org.calciwatch.helm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.calciwatch.intake.submission.ClinicId;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.pages.Clinic;
import org.calciwatch.privacy.RetentionConfig;

/** The environment variables that the services read at their start, by what stands on the class path and in the sources. */
final class Settings {

    private static final Pattern NAME = Pattern.compile("calciwatch(?:\\.[a-z0-9-]+)+");
    private static final Pattern INJECTED = Pattern.compile("@ConfigProperty\\(name = \"([^\"]+)\"");
    private final Set<String> names = new HashSet<>();

    Settings() {
        for (var mapping : List.of(NotificationConfig.class, Clinic.class, ClinicId.Own.class, RetentionConfig.class)) {
            ConfigMappings.getProperties(ConfigClass.configClass(mapping))
                    .keySet()
                    .forEach(this::add);
        }
        for (var file : List.of("application.properties", "META-INF/microprofile-config.properties")) {
            texts(file).forEach(text -> NAME.matcher(text).results().forEach(match -> add(match.group())));
        }
        for (var module : List.of("clinic-events", "intake-service", "assessment-service", "notification-service")) {
            INJECTED.matcher(sources(module)).results().forEach(match -> add(match.group(1)));
        }
        ConsumerConfig.configNames().forEach(name -> add("kafka." + name));
        texts("META-INF/quarkus-config-doc/quarkus-config-model.json").forEach(this::addOfQuarkus);
    }

    /** Whether it changes anything; a setting that was fixed when the service was built does not. */
    boolean isRead(String variable) {
        return names.contains(variable)
                || names.contains(variable.replaceFirst("^(CALCIWATCH_WEBHOOKS_)[A-Z0-9]+_(URL|SECRET)$", "$1__$2"));
    }

    private void add(String property) {
        names.add(StringUtil.replaceNonAlphanumericByUnderscores(property).toUpperCase(Locale.ROOT));
    }

    private void addOfQuarkus(String model) {
        try {
            addOfQuarkus(new ObjectMapper().readTree(model));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void addOfQuarkus(JsonNode item) {
        if (item.path("phase").asText().equals("RUN_TIME")) {
            names.add(item.at("/path/environmentVariable").asText());
        }
        item.forEach(this::addOfQuarkus);
    }

    private static String sources(String module) {
        try (var files = Files.walk(Chart.PROJECT.resolve(module).resolve("src/main/java"))) {
            return files.filter(Files::isRegularFile).map(Chart::text).collect(joining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> texts(String resource) {
        try {
            return Collections.list(Settings.class.getClassLoader().getResources(resource)).stream()
                    .map(Settings::text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(URL resource) {
        try (var stream = resource.openStream()) {
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
