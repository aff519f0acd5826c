package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.calciwatch.events.EventType;
import org.calciwatch.events.deadletter.DeadLetters;
import org.calciwatch.notification.Clinic;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class DeadLetterAlarmTest {

    @Inject
    DeadLetterAlarm alarm;

    @Inject
    DeadLetters letters;

    @Inject
    DeliveryRepository repository;

    @Inject
    Clinic clinic;

    @Inject
    DataSource database;

    @AfterEach
    void done() {
        letters.list(null, 10).forEach(letter -> letters.markReplayed(letter.id()));
    }

    @Test
    void the_fallback_hears_of_assessments_in_the_dead_letters_once_an_hour_and_nothing_of_the_patient()
            throws SQLException {
        anHourLater();
        var first = deadLetter(EventType.ASSESSMENT_COMPLETED.topic());
        alarm.look();
        assertThat(mailsOf(first)).hasSize(1);
        var id = mailsOf(first).getFirst().messageId();
        await().atMost(Duration.ofSeconds(60)).until(() -> clinic.mail(id).isPresent());
        var mail = clinic.mail(id).orElseThrow();
        assertThat(mail.subject()).contains("could not be processed", first.toString());
        assertThat(mail.text())
                .contains(first.toString(), "/admin/dead-letters")
                .doesNotContain("P-SECRET", "secret");
        assertThat(mail.to()).isNotEmpty();

        var second = deadLetter(EventType.ASSESSMENT_COMPLETED.topic());
        alarm.look();
        assertThat(mailsOf(second)).as("not within the hour").isEmpty();

        anHourLater();
        alarm.look();
        assertThat(mailsOf(second)).hasSize(1);

        anHourLater();
        alarm.look();
        assertThat(mailsOf(second)).as("once").hasSize(1);
        var other = deadLetter(EventType.PATIENT_ERASED.topic());
        alarm.look();
        assertThat(mailsOf(other)).isEmpty();
    }

    /** Not by the clock, by which digests go too. */
    private void anHourLater() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "UPDATE delivery SET created_at = created_at - interval '61 minutes' WHERE step LIKE 'dead-letter-%'");
        }
    }

    private UUID deadLetter(String topic) {
        letters.add(
                new ConsumerRecord<>(
                        topic,
                        0,
                        ThreadLocalRandom.current().nextLong(1L << 40, 1L << 50),
                        "P-SECRET",
                        "{\"secret\": true}".getBytes(StandardCharsets.UTF_8)),
                "of the test");
        return letters.list(null, 1).getFirst().id();
    }

    private List<Delivery> mailsOf(UUID letter) {
        return QuarkusTransaction.requiringNew().call(() -> repository.list("step", DeadLetterAlarm.STEP + letter));
    }
}
