package org.calciwatch.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.calciwatch.stack.LocalStack;
import org.calciwatch.stack.Ports;

/** A stack of its own for one measurement, with the real processes and nothing stored. */
final class WholeStack {

    private WholeStack() {}

    /** What is measured. */
    interface Measurement {
        void run(LocalStack stack, boolean isSmoke) throws Exception;
    }

    /**
     * Starts a stack, measures, and removes it.
     *
     * @param what is measured, for the message about wrong arguments
     * @param arguments the project's directory, and perhaps {@code --smoke} for a few requests only
     */
    static void with(String what, String[] arguments, Measurement measurement) throws Exception {
        var options = new ArrayList<>(List.of(arguments));
        var isSmoke = options.remove("--smoke");
        if (options.size() != 1) {
            System.err.println("bench " + what + " takes --smoke and nothing else.");
            System.exit(2);
        }
        var home = Files.createTempDirectory("calciwatch-bench");
        try (var stack = LocalStack.whole(Path.of(options.getFirst()), home, Ports.free())) {
            System.out.println("Starting PostgreSQL, Kafka, Keycloak and the services");
            stack.start();
            measurement.run(stack, isSmoke);
        } finally {
            deleteTree(home);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
