package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Directories and ports of a stack. A running one writes them down, so that {@code status}, {@code down} and
 * {@code demo} find it without being told.
 *
 * @param home directory of logs and process records
 * @param data what outlives a run
 * @param cache unpacked programs
 * @param projectRoot where the services are built; null for a stack without them
 * @param temporary deleted at the end; null when everything is kept
 */
record Layout(
        Path home,
        Path data,
        Path cache,
        Ports ports,
        @Nullable Path projectRoot,
        @Nullable Path temporary) {
    private static final String FILE = "stack.properties";

    Path run() {
        return home.resolve("run");
    }

    Path logs() {
        return home.resolve("logs");
    }

    Path log(String name) {
        return logs().resolve(name + ".log");
    }

    /** The stack that runs in this home, or did when its supervisor was killed. */
    static Optional<Layout> read(Path home) throws IOException {
        var file = home.resolve("run").resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var written = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            written.load(reader);
        }
        return Optional.of(new Layout(
                home,
                Path.of(written.getProperty("data")),
                Path.of(written.getProperty("cache")),
                new Ports(Integer.parseInt(written.getProperty("port.offset"))),
                path(written.getProperty("project")),
                path(written.getProperty("temporary"))));
    }

    void write() throws IOException {
        var properties = new Properties();
        properties.setProperty("data", data.toString());
        properties.setProperty("cache", cache.toString());
        properties.setProperty("port.offset", Integer.toString(ports.offset()));
        if (projectRoot != null) {
            properties.setProperty("project", projectRoot.toString());
        }
        if (temporary != null) {
            properties.setProperty("temporary", temporary.toString());
        }
        var fresh = run().resolve(FILE + ".new");
        try (var writer = Files.newBufferedWriter(fresh)) {
            properties.store(writer, null);
        }
        Files.move(fresh, run().resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    /** No longer running: the temporary data go, and the note of where it was. */
    void forget() throws IOException {
        if (temporary != null) {
            OperatingSystem.deleteTree(temporary);
        }
        Files.deleteIfExists(run().resolve(FILE));
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }
}
