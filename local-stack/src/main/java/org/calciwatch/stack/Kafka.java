package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A real Kafka of one node, broker and controller in one process. Topics are made by the services, never by accident.
 *
 * @param data directory of its log, settings and readiness marker
 */
record Kafka(Path data, int port, int controllerPort) implements Component {

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public List<Integer> ports() {
        return List.of(port, controllerPort);
    }

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(data);
        Files.deleteIfExists(marker());
        // The cleaner's buffer would take half of the heap by default. The session is short because after a SIGKILL the
        // returning broker has to wait for the end of its own former session.
        Files.writeString(settings(), """
                process.roles=broker,controller
                node.id=1
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@127.0.0.1:%2$d
                log.dirs=%3$s
                num.partitions=12
                auto.create.topics.enable=false
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=3
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=3
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=0
                broker.heartbeat.interval.ms=500
                broker.session.timeout.ms=3000
                log.cleaner.dedupe.buffer.size=16777216
                """.formatted(port, controllerPort, data.resolve("log")));
    }

    @Override
    public Command command() {
        var options = List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        var arguments = List.of(settings().toString(), marker().toString());
        return new Command(OperatingSystem.java(options, KafkaBroker.class, arguments), Map.of(), data);
    }

    @Override
    public void probe(long pid) throws IOException {
        if (!Files.exists(marker()) || !Files.readString(marker()).equals(Long.toString(pid))) {
            throw new IOException("the broker has not taken up its work");
        }
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    private Path settings() {
        return data.resolve("server.properties");
    }

    private Path marker() {
        return data.resolve("ready");
    }
}
