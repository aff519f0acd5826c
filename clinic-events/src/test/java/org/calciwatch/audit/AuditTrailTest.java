package org.calciwatch.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.calciwatch.audit.AuditChain.Head;
import org.calciwatch.events.PatientErased;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class AuditTrailTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Inject
    AuditLog log;

    @Inject
    AuditChain chain;

    @Inject
    Pseudonyms pseudonyms;

    @Inject
    AuditOfPatient patientData;

    @Inject
    DataSource database;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    /** The owner of the tables, where that is another role than the application's. */
    @ConfigProperty(name = "quarkus.flyway.username")
    Optional<String> owner;

    @ConfigProperty(name = "quarkus.flyway.password")
    Optional<String> ownerPassword;

    @ConfigProperty(name = "quarkus.datasource.username")
    String application;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    /** The tests spoil the chain, so each begins with an empty one. */
    @BeforeEach
    void startAfresh() throws SQLException {
        await().atMost(SOON)
                .until(() -> texts("SELECT event_id::text FROM audit_unchained").isEmpty());
        tamper("DELETE FROM audit_unchained", "DELETE FROM audit_chain", "DELETE FROM audit_event");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE audit_event SET agent = 'somebody else'",
                "DELETE FROM audit_event",
                "TRUNCATE audit_event CASCADE",
                "UPDATE audit_chain SET hash = ''",
                "DELETE FROM audit_chain",
                "TRUNCATE audit_chain"
            })
    void the_application_can_neither_change_nor_remove_what_is_recorded(String statement) throws SQLException {
        record(3);
        assertThatThrownBy(() -> asApplication(statement))
                .hasMessageMatching("(?s).*(permission denied|append-only).*");
        assertThat(verify(null)).matches(Verification::valid).returns(3L, Verification::links);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UPDATE audit_event SET agent = 'x'", "DELETE FROM audit_chain", "TRUNCATE audit_event"})
    void also_the_owner_of_the_tables_is_told_that_they_are_final(String statement) throws SQLException {
        record(1);
        assertThatThrownBy(() -> asOwner("GRANT ALL ON audit_event, audit_chain TO CURRENT_USER", statement))
                .hasMessageContaining("append-only");
        asOwner("REVOKE UPDATE, DELETE, TRUNCATE ON audit_event, audit_chain FROM \"" + application + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "recorded_at = recorded_at + interval '1 microsecond'",
                "agent = 'somebody else'",
                "agent_role = 'admin'",
                "source = '10.0.0.1'",
                "source = NULL",
                "action = 'C'",
                "what = 'GET /other'",
                "entities = '{}'",
                "entities = ARRAY['Flag/2']",
                "patients = '{}'",
                "outcome = 4",
                "http_status = 403",
                "http_status = NULL",
                "trace_id = 'x'"
            })
    void a_change_of_any_column_shows_at_its_place(String change) throws SQLException {
        record(5);
        var second = ids().get(1);
        tamper("UPDATE audit_event SET " + change + " WHERE id = '" + second + "'");
        var found = verify(null);
        assertThat(found.valid()).isFalse();
        assertThat(found.broken()).isOne();
        assertThat(found.firstBroken())
                .isEqualTo(new Verification.Broken(2, second, "the hash does not fit the event and the link before"));
    }

    @Test
    void a_removed_event_shows() throws SQLException {
        record(5);
        var third = ids().get(2);
        tamper("DELETE FROM audit_event WHERE id = '" + third + "'");
        var found = verify(null);
        assertThat(found.valid()).isFalse();
        assertThat(found.missing()).isOne();
        assertThat(found.firstBroken()).isEqualTo(new Verification.Broken(3, third, "the event is gone"));
    }

    @Test
    void an_event_removed_together_with_its_link_shows() throws SQLException {
        record(5);
        var third = ids().get(2);
        tamper(
                "DELETE FROM audit_event WHERE id = '" + third + "'",
                "DELETE FROM audit_chain WHERE event_id = '" + third + "'");
        assertThat(verify(null))
                .returns(false, Verification::valid)
                .returns(1L, Verification::missing)
                .returns(new Verification.Broken(3, null, "the link is gone"), Verification::firstBroken);
        // also when the numbers behind it are closed up
        tamper(
                "UPDATE audit_chain SET seq = -seq WHERE seq > 3",
                "UPDATE audit_chain SET seq = -seq - 1 WHERE seq < 0");
        assertThat(verify(null))
                .returns(false, Verification::valid)
                .returns(1L, Verification::broken)
                .extracting(Verification::firstBroken)
                .extracting(Verification.Broken::seq)
                .isEqualTo(3L);
    }

    @Test
    void two_events_that_changed_places_show() throws SQLException {
        record(5);
        tamper(
                "UPDATE audit_chain SET seq = -seq WHERE seq IN (2, 4)",
                "UPDATE audit_chain SET seq = 6 + seq WHERE seq < 0");
        var found = verify(null);
        assertThat(found.valid()).isFalse();
        assertThat(found.firstBroken()).extracting(Verification.Broken::seq).isEqualTo(2L);
    }

    @Test
    void an_end_that_was_cut_off_shows_against_a_head_noted_before() throws SQLException {
        record(5);
        var noted = chain.head();
        assertThat(verify(noted)).returns(true, Verification::valid).returns("found", Verification::notedHead);
        record(2);
        assertThat(verify(noted)).returns(true, Verification::valid).returns("found", Verification::notedHead);
        tamper(
                "DELETE FROM audit_event e USING audit_chain c WHERE c.event_id = e.id AND c.seq > 3",
                "DELETE FROM audit_chain WHERE seq > 3");
        assertThat(verify(null)).returns(true, Verification::valid);
        assertThat(verify(noted)).returns(false, Verification::valid).returns("missing", Verification::notedHead);
        record(4);
        assertThat(verify(noted)).returns(false, Verification::valid).returns("changed", Verification::notedHead);
    }

    @Test
    void an_old_event_that_nobody_chained_shows() throws SQLException {
        record(2);
        tamper("""
                INSERT INTO audit_event
                SELECT gen_random_uuid(), now() - interval '1 hour', agent, agent_role, source, action, what, entities,
                       patients, outcome, http_status, trace_id
                FROM audit_event LIMIT 1""");
        assertThat(verify(null))
                .returns(false, Verification::valid)
                .returns(1L, Verification::overdue)
                .returns(1L, Verification::notYetChained);
    }

    @Test
    void what_many_record_at_once_is_chained_once_each_also_by_several_sealers() throws Exception {
        int writers = 8;
        int each = 50;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writing = new ArrayList<Future<?>>();
            for (int i = 0; i < writers; i++) {
                writing.add(threads.submit(() -> {
                    for (int n = 0; n < each; n++) {
                        log.record(Action.READ, "test", List.of("P-" + n % 7, "P-" + n % 5), List.of());
                    }
                }));
            }
            var sealing = new ArrayList<Future<?>>();
            for (int i = 0; i < 2; i++) {
                sealing.add(threads.submit(() -> {
                    while (!writing.stream().allMatch(Future::isDone)) {
                        chain.chainNext();
                    }
                }));
            }
            for (var task : writing) {
                task.get();
            }
            for (var task : sealing) {
                task.get();
            }
        }
        awaitChained();
        assertThat(verify(null))
                .returns(true, Verification::valid)
                .returns((long) writers * each, Verification::links)
                .returns(0L, Verification::notYetChained);
    }

    @Test
    void an_event_that_commits_after_younger_ones_is_chained_behind_them() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            QuarkusTransaction.begin();
            log.record(Action.READ, "slow", List.of(), List.of());
            threads.submit(() -> record(2)).get();
            QuarkusTransaction.commit();
        }
        awaitChained();
        assertThat(verify(null)).returns(true, Verification::valid).returns(3L, Verification::links);
        assertThat(texts("SELECT e.what FROM audit_chain c JOIN audit_event e ON e.id = c.event_id ORDER BY c.seq"))
                .containsExactly("GET /things/{id}", "GET /things/{id}", "slow");
    }

    @Test
    void what_is_rolled_back_leaves_no_record() {
        QuarkusTransaction.begin();
        log.record(Action.READ, "never happened", List.of("P-rolled-back"), List.of());
        QuarkusTransaction.rollback();
        record(1);
        assertThat(verify(null)).returns(1L, Verification::links);
        assertThat(pseudonyms.find("P-rolled-back")).isEmpty();
    }

    @Test
    void a_forgotten_patient_is_nowhere_in_the_trail_and_the_chain_still_holds() throws SQLException {
        var patient = "P-" + UUID.randomUUID();
        log.record(request(new AuditLog.Agent("patient9", "patient", patient), List.of(patient), 200));
        log.record(request(new AuditLog.Agent("clinician1", "clinician", null), List.of(patient, "P-other"), 200));
        awaitChained();
        var before = patientData.export(patient);
        assertThat(before).hasSize(2).allSatisfy(event -> assertThat(event.toString())
                .contains("Patient/" + patient)
                .doesNotContain("patient9")
                .doesNotContain("P-other"));
        assertThat(before.getFirst().toString()).contains("Flag/1");
        assertThat(before.getLast().toString())
                .as("what was shown of several patients")
                .doesNotContain("Flag/1");
        assertThat(patientData.export("P-other").toString()).doesNotContain(patient);
        var pseudonym = pseudonyms.find(patient).orElseThrow();

        patientData.erase(new PatientErased(patient, UUID.randomUUID(), Instant.now(), List.of()));

        assertThat(verify(null)).returns(true, Verification::valid).returns(2L, Verification::links);
        assertThat(patientData.export(patient)).isEmpty();
        assertThat(texts("SELECT e::text FROM audit_event e UNION ALL SELECT p::text FROM patient_pseudonym p"))
                .noneMatch(row -> row.contains(patient));
        assertThat(log.about(pseudonym)).hasSize(2);
        // who comes again starts afresh
        record(1, patient);
        assertThat(patientData.export(patient)).hasSize(1);
        assertThat(pseudonyms.find(patient)).isPresent().get().isNotEqualTo(pseudonym);
    }

    @Test
    void an_erasure_that_comes_late_leaves_alone_who_has_come_back_since() {
        var patient = "P-" + UUID.randomUUID();
        record(1, patient);
        var pseudonym = pseudonyms.find(patient);
        var earlier = Instant.now().minus(Duration.ofHours(1));

        patientData.erase(new PatientErased(patient, UUID.randomUUID(), earlier, List.of()));

        assertThat(pseudonyms.find(patient)).isPresent().isEqualTo(pseudonym);
    }

    private void record(int count) {
        record(count, "P-1");
    }

    private void record(int count, String patient) {
        for (int i = 0; i < count; i++) {
            log.record(request(new AuditLog.Agent("clinician1", "clinician", null), List.of(patient), 200));
        }
        awaitChained();
    }

    private static AuditLog.Request request(AuditLog.Agent agent, List<String> patients, int status) {
        return new AuditLog.Request(
                agent,
                "192.0.2.1",
                Action.READ,
                "GET /things/{id}",
                patients,
                List.of("Flag/1"),
                status,
                "0".repeat(32));
    }

    private void awaitChained() {
        await().atMost(SOON).until(() -> chain.unchained().all() == 0);
    }

    private Verification verify(@Nullable Head noted) {
        return Verification.of("test", chain, noted);
    }

    private List<UUID> ids() throws SQLException {
        return texts("SELECT event_id::text FROM audit_chain ORDER BY seq").stream()
                .map(UUID::fromString)
                .toList();
    }

    private List<String> texts(String query) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }

    /** As an attacker who has got hold of the owner's rights and switches the guards off. */
    private void tamper(String... statements) throws SQLException {
        try {
            asOwner(
                    "GRANT ALL ON audit_event, audit_chain TO CURRENT_USER",
                    "ALTER TABLE audit_event DISABLE TRIGGER append_only",
                    "ALTER TABLE audit_chain DISABLE TRIGGER append_only");
            asOwner(statements);
        } finally {
            asOwner(
                    "ALTER TABLE audit_event ENABLE TRIGGER append_only",
                    "ALTER TABLE audit_chain ENABLE TRIGGER append_only",
                    "REVOKE UPDATE, DELETE, TRUNCATE ON audit_event, audit_chain FROM \"" + application + "\"");
        }
    }

    private void asOwner(String... statements) throws SQLException {
        execute(owner.orElse(application), ownerPassword.orElse(password), statements);
    }

    private void asApplication(String... statements) throws SQLException {
        execute(application, password, statements);
    }

    private void execute(String user, String userPassword, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, user, userPassword);
                var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
