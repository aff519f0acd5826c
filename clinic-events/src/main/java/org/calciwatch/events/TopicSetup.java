package org.calciwatch.events;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Creates the topics that are not there yet, as soon as the broker answers, and sees to it that no topic keeps what
 * patients answered for longer than is needed.
 */
@ApplicationScoped
class TopicSetup {

    /** Twelve from the start: adding partitions later would move patients to other partitions and break their order. */
    private static final int PARTITIONS = 12;

    /**
     * How long events are kept: a consumer may be away for a week. Kafka deletes whole segments, once their newest event
     * is that old; a new segment every day means that an event is gone after eight days at the latest.
     */
    private static final Map<String, String> KEPT = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_MS_CONFIG, "" + Duration.ofDays(7).toMillis(),
            TopicConfig.SEGMENT_MS_CONFIG, "" + Duration.ofDays(1).toMillis());

    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Logger LOG = Logger.getLogger(TopicSetup.class);

    private final Map<String, Object> broker;
    private @Nullable Thread thread;

    TopicSetup(@Identifier("default-kafka-broker") Map<String, Object> broker) {
        this.broker = broker;
    }

    void start(@Observes StartupEvent start) {
        // A service must start without a broker, so this never holds up the start.
        thread = Thread.ofVirtual().name("topic-setup").start(this::setUpUntilDone);
    }

    void stop(@Observes ShutdownEvent stop) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void setUpUntilDone() {
        try {
            while (!setUp()) {
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean setUp() throws InterruptedException {
        try (var admin = Admin.create(broker)) {
            return createMissing(admin) && limitRetention(admin);
        } catch (KafkaException e) {
            // Its name may not resolve yet.
            LOG.warnf("Topics not set up yet: %s", e);
            return false;
        }
    }

    private static boolean createMissing(Admin admin) throws InterruptedException {
        // The replication factor is the broker's default: one here, three in a cluster.
        var topics = topics().map(topic -> new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty()).configs(KEPT))
                .toList();
        var allThere = true;
        for (var outcome : admin.createTopics(topics).values().entrySet()) {
            try {
                outcome.getValue().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    LOG.warnf("Topic %s not created yet: %s", outcome.getKey(), e.getCause());
                    allThere = false;
                }
            }
        }
        return allThere;
    }

    /** Topics that were there before may keep events for another time. */
    private static boolean limitRetention(Admin admin) throws InterruptedException {
        var settings = KEPT.entrySet().stream()
                .map(each ->
                        new AlterConfigOp(new ConfigEntry(each.getKey(), each.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        Map<ConfigResource, Collection<AlterConfigOp>> changes = topics().collect(
                        Collectors.toMap(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic), _ -> settings));
        var done = true;
        for (var outcome : admin.incrementalAlterConfigs(changes).values().entrySet()) {
            try {
                outcome.getValue().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RetriableException) {
                    LOG.warnf(
                            "Topic %s: retention not set yet: %s",
                            outcome.getKey().name(), e.getCause());
                    done = false;
                } else {
                    // Where services may not change topics, whoever may has to.
                    LOG.errorf(
                            "Topic %s: set %s by hand, this service may not: %s",
                            outcome.getKey().name(), KEPT, e.getCause());
                }
            }
        }
        return done;
    }

    private static Stream<String> topics() {
        return EventType.ALL.stream()
                .map(EventType::topic)
                .flatMap(topic -> Stream.of(topic, EventType.deadLetterTopic(topic)));
    }
}
