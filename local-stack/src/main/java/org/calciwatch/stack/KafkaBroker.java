package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * The main class of the Kafka process: formats the storage the first time, runs the server, and writes the process id
 * to a marker file once the broker serves requests. Arguments: the settings file and the marker file.
 */
final class KafkaBroker {
    private KafkaBroker() {}

    public static void main(String[] arguments) throws IOException {
        var settings = Path.of(arguments[0]);
        var marker = Path.of(arguments[1]);
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(settings)) {
            properties.load(reader);
        }
        if (!Files.exists(Path.of(properties.getProperty("log.dirs"), "meta.properties"))) {
            var cluster = Uuid.randomUuid().toString();
            var status = StorageTool.execute(
                    new String[] {"format", "--config", settings.toString(), "--cluster-id", cluster}, System.out);
            if (status != 0) {
                System.exit(status);
            }
        }
        var server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        server.startup();
        Files.writeString(marker, Long.toString(ProcessHandle.current().pid()));
        server.awaitShutdown();
    }
}
