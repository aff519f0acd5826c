package org.calciwatch.events;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Creates the topics that are not there yet, as soon as the broker answers. */
@ApplicationScoped
class TopicSetup {

    /** Twelve from the start: adding partitions later would move patients to other partitions and break their order. */
    private static final int PARTITIONS = 12;

    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Logger LOG = Logger.getLogger(TopicSetup.class);

    private final Map<String, Object> broker;
    private @Nullable Thread thread;

    TopicSetup(@Identifier("default-kafka-broker") Map<String, Object> broker) {
        this.broker = broker;
    }

    void start(@Observes StartupEvent start) {
        // A service must start without a broker, so this never holds up the start.
        thread = Thread.ofVirtual().name("topic-setup").start(this::createUntilDone);
    }

    void stop(@Observes ShutdownEvent stop) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void createUntilDone() {
        try {
            while (!createMissing()) {
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean createMissing() throws InterruptedException {
        try (var admin = Admin.create(broker)) {
            return createMissing(admin);
        } catch (KafkaException e) {
            // Its name may not resolve yet.
            LOG.warnf("Topics not created yet: %s", e);
            return false;
        }
    }

    private static boolean createMissing(Admin admin) throws InterruptedException {
        // The replication factor is the broker's default: one here, three in a cluster.
        var topics = EventType.ALL.stream()
                .map(EventType::topic)
                .flatMap(topic -> Stream.of(topic, EventType.deadLetterTopic(topic)))
                .map(topic -> new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty()))
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
}
