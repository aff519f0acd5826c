package org.calciwatch.crypto;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.calciwatch.events.EventType;
import org.calciwatch.events.deadletter.DeadLetters;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.events.outbox.RawMessage;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class VaultTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    /** Far from those of real messages. */
    private static final long FIRST_OFFSET = 1L << 40;

    private static final AtomicLong OFFSETS = new AtomicLong(FIRST_OFFSET);

    private static final String ANSWER = "Magnesium 1.51 mg/dL";

    @Inject
    Vault vault;

    @Inject
    VaultCheck check;

    @Inject
    Resealing resealing;

    @Inject
    Outbox outbox;

    @Inject
    DeadLetters deadLetters;

    @Inject
    DataSource database;

    @ConfigProperty(name = "calciwatch.keyset-file")
    Path keysetFile;

    /** Other tests look at the whole list. */
    @AfterEach
    void remove_the_dead_letters() {
        update("DELETE FROM dead_letter WHERE \"offset\" > " + FIRST_OFFSET);
    }

    @Test
    void what_waits_in_the_outbox_is_sealed() {
        QuarkusTransaction.begin();
        outbox.add(new RawMessage("anybodys-topic", null, List.of(), ANSWER.getBytes(StandardCharsets.UTF_8)));
        // Seen by this transaction only; once it had committed the relay would take it away.
        var stored = single("SELECT payload FROM outbox WHERE topic = 'anybodys-topic'");
        QuarkusTransaction.rollback();

        assertThat(stored).startsWith(vault.keys().primaryPrefix());
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain(ANSWER);
    }

    @Test
    void a_dead_letter_is_sealed_and_replayed_in_the_clear() {
        var id = deadLetter();

        assertThat(payload(id)).startsWith(vault.keys().primaryPrefix());
        assertThat(text(id)).isEqualTo(ANSWER);
    }

    @Test
    void a_value_moved_to_another_row_is_refused() {
        var one = deadLetter();
        var other = deadLetter();
        update("UPDATE dead_letter SET payload = (SELECT payload FROM dead_letter WHERE id = '%s') WHERE id = '%s'"
                .formatted(one, other));

        assertThatExceptionOfType(SealBroken.class).isThrownBy(() -> text(other));
    }

    @Test
    void keys_are_rotated_while_everything_stays_readable() throws Exception {
        var old = vault.keys().primary();
        // More than two batches.
        var letters = new ArrayList<UUID>();
        for (int i = 0; i < 410; i++) {
            letters.add(deadLetter());
        }

        keys("add");
        await().atMost(SOON).until(() -> vault.keys().ids().size() == 2);
        letters.add(deadLetter());
        keys("promote");
        await().atMost(SOON).until(() -> vault.keys().primary() != old);
        letters.add(deadLetter());
        assertThat(letters).allSatisfy(id -> assertThat(text(id)).isEqualTo(ANSWER));

        await().atMost(SOON).until(() -> check.completeUnder().orElseThrow() != old);
        assertThat(letters).allSatisfy(id -> assertThat(payload(id))
                .startsWith(vault.keys().primaryPrefix()));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(given().get("/q/metrics").asString()).contains("calciwatch_vault_resealing 0.0"));

        keys("prune");
        await().atMost(SOON).until(() -> vault.keys().ids().size() == 1);
        assertThat(letters).allSatisfy(id -> assertThat(text(id)).isEqualTo(ANSWER));
    }

    @Test
    void a_key_that_another_instance_read_first_is_read_when_it_is_met() throws Exception {
        var sealed = Keys.parse(Files.readString(keysetFile)).add().promote();
        var before = Files.readString(keysetFile);
        var value = sealed.seal("a/1", ANSWER.getBytes(StandardCharsets.UTF_8));
        Files.writeString(keysetFile, sealed.json());
        try {
            assertThat(vault.open("a/1", value)).isEqualTo(ANSWER);
        } finally {
            Files.writeString(keysetFile, before);
            vault.refresh();
        }
    }

    @Test
    void a_broken_or_foreign_keyset_leaves_the_keys_in_use_as_they_are() throws Exception {
        var before = Files.readString(keysetFile);
        var keys = vault.keys().ids();
        try {
            for (var content : List.of("", "{", Keys.generate().json())) {
                Files.writeString(keysetFile, content);
                vault.refresh();
                assertThat(vault.keys().ids()).isEqualTo(keys);
            }
            Files.delete(keysetFile);
            vault.refresh();
            assertThat(vault.keys().ids()).isEqualTo(keys);
        } finally {
            Files.writeString(keysetFile, before);
            vault.refresh();
        }
    }

    @Test
    void no_keyset_two_keysets_and_a_missing_file_are_refused_with_what_to_do() {
        var file = Optional.of(keysetFile);

        assertThatExceptionOfType(KeysUnusable.class)
                .isThrownBy(() -> new KeySource(Optional.empty(), Optional.empty()).read())
                .withMessageContaining("CALCIWATCH_KEYSET_FILE")
                .withMessageContaining("./calciwatch keys new FILE");
        assertThatExceptionOfType(KeysUnusable.class)
                .isThrownBy(() -> new KeySource(Optional.of("{}"), file).read())
                .withMessageContaining("Unset one of");
        assertThatExceptionOfType(KeysUnusable.class)
                .isThrownBy(() -> new KeySource(Optional.empty(), Optional.of(Path.of("/nowhere/keys.json"))).read())
                .withMessageContaining("/nowhere/keys.json");
    }

    @Test
    void plaintext_is_taken_by_the_first_pass_only() {
        var id = deadLetter();
        var name = "E-" + id;
        update("UPDATE dead_letter SET payload = '\\x00'::bytea || convert_to('%s', 'UTF8') WHERE id = '%s'"
                .formatted(name, id));
        assertThatExceptionOfType(SealBroken.class).isThrownBy(() -> text(id));

        update("UPDATE vault_check SET complete_under = NULL");
        resealing.sealWhatIsPlain();

        assertThat(payload(id)).startsWith(vault.keys().primaryPrefix());
        assertThat(text(id)).isEqualTo(name);
    }

    private void keys(String verb) {
        var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        assertThat(KeysCommand.run(List.of(verb, keysetFile.toString()), out, out))
                .isZero();
    }

    /** Stores a message that could not be processed. */
    private UUID deadLetter() {
        var offset = OFFSETS.incrementAndGet();
        deadLetters.add(
                new ConsumerRecord<>(
                        EventType.FLAG_CHANGED.topic(), 0, offset, "P-1", ANSWER.getBytes(StandardCharsets.UTF_8)),
                "for the test");
        return UUID.fromString(new String(
                single("SELECT convert_to(id::text, 'UTF8') FROM dead_letter WHERE \"offset\" = " + offset),
                StandardCharsets.UTF_8));
    }

    private String text(UUID id) {
        return new String(deadLetters.find(id).orElseThrow().message().value(), StandardCharsets.UTF_8);
    }

    private byte[] payload(UUID id) {
        return single("SELECT payload FROM dead_letter WHERE id = '%s'".formatted(id));
    }

    private byte[] single(String sql) {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getBytes(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void update(String sql) {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
