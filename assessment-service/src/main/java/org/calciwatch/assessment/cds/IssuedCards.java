package org.calciwatch.assessment.cds;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response.Status;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.RetentionConfig;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The cards that were shown, without whom they were about, and what became of them. Counted as {@code
 * calciwatch.cds.cards} by rule and {@code calciwatch.cds.feedback} by rule and outcome, so that a rule that is often
 * overridden shows.
 */
@ApplicationScoped
class IssuedCards {

    private static final Logger LOG = Logger.getLogger(IssuedCards.class);

    private final DataSource database;
    private final MeterRegistry metrics;

    IssuedCards(DataSource database, MeterRegistry metrics) {
        this.database = database;
        this.metrics = metrics;
    }

    /** Remembers cards. A database that is away costs the feedback on them, never the cards themselves. */
    void remember(List<Card> cards, String rulePackVersion, Instant at) {
        cards.forEach(card ->
                metrics.counter("calciwatch.cds.cards", "rule", card.about()).increment());
        if (cards.isEmpty()) {
            return;
        }
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement("""
                        INSERT INTO cds_card (uuid, about, rule_pack_version, issued_at)
                        SELECT uuid, about, ?, ? FROM unnest(?::uuid[], ?::text[]) AS card (uuid, about)""")) {
            insert.setString(1, rulePackVersion);
            insert.setObject(2, time(at));
            insert.setArray(
                    3,
                    connection.createArrayOf(
                            "uuid", cards.stream().map(Card::uuid).toArray()));
            insert.setArray(
                    4,
                    connection.createArrayOf(
                            "text", cards.stream().map(Card::about).toArray()));
            insert.executeUpdate();
        } catch (SQLException e) {
            LOG.errorf(e, "Could not remember %d cards; feedback on them cannot be taken", cards.size());
        }
    }

    private record Known(String about, @Nullable String outcome) {}

    /**
     * Records what was done with cards; the same again changes nothing, and of two outcomes the later one stays.
     *
     * @throws HttpProblem 404 with the cards that were never shown; nothing is recorded then
     */
    @Transactional
    void record(List<Feedback> feedback) {
        try (var connection = database.getConnection()) {
            var known = known(connection, feedback);
            var strangers = feedback.stream()
                    .map(Feedback::card)
                    .filter(card -> !known.containsKey(card))
                    .distinct()
                    .toList();
            if (!strangers.isEmpty()) {
                throw HttpProblem.builder()
                        .withStatus(Status.NOT_FOUND)
                        .withTitle("Unknown cards")
                        .withDetail("These cards are not from here, so nothing was recorded: " + strangers)
                        .with("cards", strangers)
                        .build();
            }
            for (var each : feedback) {
                var card = known.get(each.card());
                if (card != null && update(connection, each) && !each.outcome().equals(card.outcome())) {
                    known.put(each.card(), new Known(card.about(), each.outcome()));
                    metrics.counter("calciwatch.cds.feedback", "rule", card.about(), "outcome", each.outcome())
                            .increment();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Could not record feedback", e);
        }
    }

    @Produces
    @Dependent
    Expiring expiring(RetentionConfig periods) {
        return new Expiring("CDS cards", periods.cdsCards(), this::purge);
    }

    private int purge(Instant before, int limit) {
        try (var connection = database.getConnection();
                var delete = connection.prepareStatement("""
                        DELETE FROM cds_card WHERE uuid IN
                            (SELECT uuid FROM cds_card WHERE issued_at < ? LIMIT ?)""")) {
            delete.setObject(1, time(before));
            delete.setInt(2, limit);
            return delete.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not remove old cards", e);
        }
    }

    private static Map<UUID, Known> known(Connection connection, List<Feedback> feedback) throws SQLException {
        // In one order, so that two clients with the same cards wait for each other instead of blocking each other.
        try (var select = connection.prepareStatement(
                "SELECT uuid, about, outcome FROM cds_card WHERE uuid = ANY (?) ORDER BY uuid FOR UPDATE")) {
            select.setArray(
                    1,
                    connection.createArrayOf(
                            "uuid", feedback.stream().map(Feedback::card).toArray()));
            var known = new HashMap<UUID, Known>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    known.put(rows.getObject(1, UUID.class), new Known(rows.getString(2), rows.getString(3)));
                }
            }
            return known;
        }
    }

    private static boolean update(Connection connection, Feedback feedback) throws SQLException {
        try (var update = connection.prepareStatement("""
                UPDATE cds_card SET outcome = ?, override_reason = ?, outcome_at = ?
                WHERE uuid = ? AND (outcome_at IS NULL OR outcome_at <= ?)""")) {
            update.setString(1, feedback.outcome());
            update.setString(2, feedback.reason());
            update.setObject(3, time(feedback.at()));
            update.setObject(4, feedback.card());
            update.setObject(5, time(feedback.at()));
            return update.executeUpdate() == 1;
        }
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
