package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One part of the stack: how to prepare, start and ask it. {@link Child} runs it as a process. */
sealed interface Component permits Postgres, Kafka, MailCatcher, Keycloak, Service {

    /** What to execute. */
    record Command(List<String> line, Map<String, String> environment, Path directory) {}

    /** Short and unique: the name of its log file and what {@code ./calciwatch logs} takes. */
    String name();

    /** The ports it listens on, in the order worth telling people. */
    List<Integer> ports();

    /** Brings files into the state the process needs. Called before every start, so it finds what an earlier one left. */
    default void prepare() throws IOException {}

    Command command();

    /**
     * Asks the running process whether it does its work.
     *
     * @throws IOException when it does not (yet), with the reason
     */
    void probe(long pid) throws IOException;

    /** How long a start may take on a slow machine before it counts as failed. */
    default Duration patience() {
        return Duration.ofMinutes(2);
    }

    /** The signal for an orderly end. */
    default String stopSignal() {
        return "TERM";
    }
}
