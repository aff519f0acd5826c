package org.calciwatch.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the figures every few seconds, so that whoever collects metrics never waits for the database, and however many
 * collect, it is asked once. What cannot be read is not shown: an old number would look like a true one.
 */
@ApplicationScoped
class FigureSampler {

    private static final Logger LOG = Logger.getLogger(FigureSampler.class);

    private final List<Figure> figures;
    private final DataSource database;
    private final MeterRegistry metrics;
    private final Duration every;
    private final Map<Figure, MultiGauge> gauges = new LinkedHashMap<>();
    private @Nullable Thread thread;

    FigureSampler(
            @All List<Figure> figures,
            DataSource database,
            MeterRegistry metrics,
            @ConfigProperty(name = "calciwatch.metrics.every", defaultValue = "15s") Duration every) {
        this.figures = figures;
        this.database = database;
        this.metrics = metrics;
        this.every = every;
    }

    void start(@Observes StartupEvent start) {
        for (var figure : figures) {
            gauges.put(
                    figure,
                    MultiGauge.builder(figure.name())
                            .description(figure.description())
                            .baseUnit(figure.unit().isEmpty() ? null : figure.unit())
                            .register(metrics));
        }
        thread = Thread.ofVirtual().name("figures").start(this::run);
    }

    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        if (thread != null) {
            thread.interrupt();
            thread.join(Duration.ofSeconds(2));
        }
        // The registry outlives the service where it is started anew in the same process.
        gauges.values().forEach(gauge -> gauge.register(List.of(), true));
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                sample();
                Thread.sleep(every);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void sample() {
        gauges.forEach((figure, gauge) -> gauge.register(rows(figure), true));
    }

    /** No rows when they cannot be read. */
    private List<MultiGauge.Row<?>> rows(Figure figure) {
        try (var connection = database.getConnection()) {
            return read(figure, connection);
        } catch (SQLException | RuntimeException e) {
            LOG.warnf("The figure %s cannot be read: %s", figure.name(), e.getMessage());
            return List.of();
        }
    }

    private static List<MultiGauge.Row<?>> read(Figure figure, Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var found = statement.executeQuery(figure.sql())) {
            var rows = new ArrayList<MultiGauge.Row<?>>();
            while (found.next()) {
                var tags = new ArrayList<Tag>();
                for (var tag : figure.tags()) {
                    tags.add(Tag.of(tag, found.getString(tags.size() + 1)));
                }
                rows.add(MultiGauge.Row.of(Tags.of(tags), found.getDouble(tags.size() + 1)));
            }
            return rows;
        }
    }
}
