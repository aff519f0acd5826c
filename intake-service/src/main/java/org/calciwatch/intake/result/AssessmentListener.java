package org.calciwatch.intake.result;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.calciwatch.events.consume.EventConsumer;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Takes what arrives on {@code assessment-completed}; {@link ResultHandler} does the work. */
@ApplicationScoped
class AssessmentListener {

    private final EventConsumer consumer;

    AssessmentListener(EventConsumer consumer) {
        this.consumer = consumer;
    }

    @Incoming("assessment-completed")
    @Blocking
    void on(ConsumerRecords<String, byte[]> batch) {
        consumer.consume(batch);
    }
}
