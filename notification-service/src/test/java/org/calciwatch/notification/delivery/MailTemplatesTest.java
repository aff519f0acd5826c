package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.qute.Engine;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.AssessmentMother;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class MailTemplatesTest {

    @Inject
    Engine engine;

    @Inject
    MeterRegistry metrics;

    private Path directory;

    @BeforeEach
    void begin(@TempDir Path empty) {
        directory = empty;
    }

    @Test
    void the_shipped_templates_pass_as_a_clinics_own() throws IOException {
        for (var name :
                List.of("flag.txt", "flag.html", "reference.txt", "reference.html", "digest.txt", "digest.html")) {
            try (var shipped = MailTemplates.class.getResourceAsStream("/templates/mail/" + name)) {
                Files.write(directory.resolve(name), shipped.readAllBytes());
            }
        }
        check();

        var own = mails().write(notice(), Optional.empty());

        assertThat(own)
                .isEqualTo(new FlagMails(new MailTemplates(engine, config(""), metrics), config(""))
                        .write(notice(), Optional.empty()));
    }

    @Test
    void a_file_of_the_clinics_takes_the_place_of_the_shipped_one() throws IOException {
        write("flag.html", """
                <p>North Clinic, {mail.severity} {mail.reference} {mail.title}</p>
                <a href="{mail.link}">look</a> {mail.disclaimer}
                """);
        check();

        var mail = mails().write(notice(), Optional.empty());

        assertThat(mail.html()).startsWith("<p>North Clinic, CLINICIAN REVIEW CW-7K3M9Q a &lt;b&gt; title</p>");
        assertThat(mail.text()).startsWith("CLINICIAN REVIEW: a <b> title\n");
    }

    @Test
    void a_template_that_cannot_be_read_stops_the_service_with_file_line_and_reason() throws IOException {
        write("flag.txt", "{mail.severity}\n\n{#if mail.kidneys}\nnever ended\n");

        assertBroken("flag.txt, line ", "if");
    }

    @Test
    void a_template_that_asks_for_what_is_not_there_stops_the_service_with_file_line_and_reason() throws IOException {
        write("digest.html", "{mail.day}\n<p>{mail.dya}</p>\n");

        assertBroken("digest.html, line 2: ", "dya");
    }

    @Test
    void a_template_without_the_link_or_with_open_markup_or_a_wrong_name_stops_the_service() throws IOException {
        write("reference.txt", "{mail.severity} {mail.reference} {mail.disclaimer}");
        assertBroken("reference.txt does not show", "/inbox/");

        Files.delete(directory.resolve("reference.txt"));
        write("flag.html", "{mail.severity} {mail.reference} {mail.title.raw} {mail.link} {mail.disclaimer}");
        assertBroken("flag.html shows text as markup", ".raw");

        Files.delete(directory.resolve("flag.html"));
        write("falg.html", "");
        assertBroken("falg.html is no mail's name", "flag.html");

        Files.delete(directory.resolve("falg.html"));
        Files.delete(directory);
        assertBroken("must be a readable directory", directory.toString());
    }

    @Test
    void a_template_that_needs_what_a_mail_need_not_have_stops_the_service() throws IOException {
        var rest = " {mail.severity} {mail.reference} {mail.link} {mail.disclaimer}";
        for (var needs : List.of(
                "{mail.parts.get(0).findings.get(0).values.get(0).label}",
                "{mail.parts.get(0).dataQuality.get(0)}",
                "{mail.parts.get(0).staleLabs.get(0)}",
                "{mail.unjudged.get(0)}",
                "{mail.parts.get(1).assessedAt}",
                "{mail.acknowledge.length}")) {
            write("flag.txt", needs + rest);
            assertBroken("flag.txt, line ", "");
        }
        Files.delete(directory.resolve("flag.txt"));

        write("reference.html", "{mail.parts.get(0).assessedAt}" + rest);
        assertBroken("reference.html, line ", "");
    }

    @Test
    void a_template_that_fails_at_a_mail_that_no_sample_foresaw_costs_only_the_clinics_words() throws IOException {
        write("flag.txt", """
                {mail.severity} {mail.reference} {mail.link} {mail.disclaimer}
                {#if mail.title == 'a <b> title'}{mail.parts.get(7).assessedAt}{/if}
                """);
        check();
        var before = failures("flag.txt");

        var mail = mails().write(notice(), Optional.empty());

        assertThat(mail.text()).startsWith("CLINICIAN REVIEW: a <b> title\n").contains("Clinician message of mg-low");
        assertThat(failures("flag.txt")).isEqualTo(before + 1);
    }

    private double failures(String template) {
        return metrics.counter("calciwatch.mail.words.failed", "template", template)
                .count();
    }

    private void assertBroken(String where, String what) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(this::check)
                .withMessageStartingWith("calciwatch.mail.templates: ")
                .withMessageContaining(where)
                .withMessageContaining(what)
                .satisfies(problem ->
                        assertThat(String.valueOf(problem.getMessage()).lines()).hasSize(1));
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    /** What the start of the service does. */
    private void check() {
        mails().check(new StartupEvent());
        new DigestMails(new MailTemplates(engine, config(directory.toString()), metrics), config(directory.toString()))
                .check(new StartupEvent());
    }

    private FlagMails mails() {
        return new FlagMails(
                new MailTemplates(engine, config(directory.toString()), metrics), config(directory.toString()));
    }

    private static NotificationConfig config(String templates) {
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class);
        if (!templates.isEmpty()) {
            config.withDefaultValue("calciwatch.mail.templates", templates);
        }
        return config.build().getConfigMapping(NotificationConfig.class);
    }

    private static FlagNotice notice() {
        return new FlagNotice(
                UUID.fromString("019a0000-0000-7000-8000-0000000000c1"),
                "CW-7K3M9Q",
                Severity.CLINICIAN_REVIEW,
                "a <b> title",
                "opened",
                Occasion.OPENED,
                AssessmentMother.assessment("P-1", AssessmentMother.rule("mg-low", Severity.CLINICIAN_REVIEW)),
                null,
                List.of("one@clinic.example"),
                Instant.EPOCH);
    }
}
