package org.calciwatch.notification.delivery;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.notification.Clinic;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;

/** The clinic's own template is fine at the start and fails at an emergency. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
@QuarkusTestResource(value = BrokenTemplateTest.OwnTemplate.class, restrictToAnnotatedClass = true)
class BrokenTemplateTest {

    /** A directory with a template that asks for a fourth value where there are three findings. */
    public static class OwnTemplate implements QuarkusTestResourceLifecycleManager {
        @Override
        public Map<String, String> start() {
            try {
                var directory = Files.createTempDirectory("own-templates");
                directory.toFile().deleteOnExit();
                var template = Files.writeString(directory.resolve("flag.txt"), """
                        Our clinic: {mail.severity} {mail.reference} {mail.link} {mail.disclaimer}
                        {#for finding in mail.parts.get(0).findings}
                        {#if finding_count > 2}{finding.values.get(3).label}{/if}
                        {/for}
                        """);
                template.toFile().deleteOnExit();
                return Map.of("calciwatch.mail.templates", directory.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {
            // the files go with the process
        }
    }

    @Inject
    Clinic clinic;

    @Test
    void an_emergency_that_the_clinics_template_fails_at_is_kept_and_told_with_the_shipped_words() {
        var patient = "P-" + UUID.randomUUID();

        clinic.send(event(assessment(
                patient,
                IntStream.rangeClosed(1, 3)
                        .mapToObj(i -> rule("rule-" + i, EMERGENCY))
                        .toArray(Fired[]::new))));

        var flag = await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> given().get("/flags?patient=" + patient)
                                .jsonPath()
                                .getString("items[0].id"),
                        id -> id != null);
        var mail = await().atMost(Duration.ofSeconds(60))
                .until(() -> clinic.mailsAbout(UUID.fromString(flag)), mails -> !mails.isEmpty())
                .getFirst();
        assertThat(mail.text())
                .startsWith("EMERGENCY: Title of rule-1")
                .contains("1. Title of rule-1", "2. Title of rule-2", "3. Title of rule-3");
    }
}
