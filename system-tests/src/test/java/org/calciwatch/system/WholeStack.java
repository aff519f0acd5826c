package org.calciwatch.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.calciwatch.stack.LocalStack;
import org.calciwatch.stack.Ports;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the real processes: one stack for all test classes, on free ports, ended with the last test. */
final class WholeStack implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == LocalStack.class || type == Clinic.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var running = context.getRoot()
                .getStore(Namespace.create(WholeStack.class))
                .computeIfAbsent(Running.class, _ -> new Running(), Running.class);
        return parameter.getParameter().getType() == LocalStack.class
                ? running.stack
                : new Clinic(running.stack, running.home);
    }

    private static final class Running implements AutoCloseable {
        private final Path home;
        private final LocalStack stack;

        Running() {
            try {
                home = Files.createTempDirectory("calciwatch-system-tests");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            stack = LocalStack.whole(Path.of(System.getProperty("calciwatch.project")), home, Ports.free());
            stack.start();
        }

        @Override
        public void close() throws IOException {
            stack.close();
            try (var files = Files.walk(home)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
