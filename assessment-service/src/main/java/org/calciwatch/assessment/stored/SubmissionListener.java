package org.calciwatch.assessment.stored;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.calciwatch.events.consume.EventConsumer;
import org.eclipse.microprofile.reactive.messaging.Incoming;

@ApplicationScoped
class SubmissionListener {

    private final EventConsumer consumer;

    SubmissionListener(EventConsumer consumer) {
        this.consumer = consumer;
    }

    @Incoming("questionnaire-submitted")
    @Blocking
    void on(ConsumerRecords<String, byte[]> batch) {
        consumer.consume(batch);
    }
}
