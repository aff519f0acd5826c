package org.calciwatch.stack;

import com.sun.security.auth.module.UnixSystem;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What differs between machines: privileges, sessions, signals, memory figures, and where the JVM and our jars are. */
final class OperatingSystem {
    private static final int ROOT = 0;
    private static final int NOBODY = 65_534;

    private OperatingSystem() {}

    /** The command line of one of our main classes in another JVM. */
    static List<String> java(List<String> options, Class<?> main, List<String> arguments) {
        List<String> line = new ArrayList<>();
        line.add(javaExecutable());
        line.addAll(options);
        line.addAll(List.of("-cp", classPath(), main.getName()));
        line.addAll(arguments);
        return line;
    }

    static String javaExecutable() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Our classes (a jar, or a directory in tests) and the lib directory the build puts beside them. */
    private static String classPath() {
        return ownCode() + File.pathSeparator + buildDirectory().resolve("lib").resolve("*");
    }

    /** The target directory of this module. */
    static Path buildDirectory() {
        var directory = ownCode().resolveSibling("");
        if (!Files.isDirectory(directory.resolve("lib"))) {
            throw new StackException("There is no " + directory.resolve("lib")
                    + ": build local-stack with ./mvnw process-classes -pl local-stack.");
        }
        return directory;
    }

    private static Path ownCode() {
        try {
            return Path.of(OperatingSystem.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
        } catch (URISyntaxException e) {
            throw new StackException("The place of the stack's own classes is not a file: " + e.getMessage(), e);
        }
    }

    /** Its own session, so that Ctrl-C reaches the supervisor only, which then stops everything in order. */
    static List<String> ownSession() {
        return onPath("setsid").map(List::of).orElse(List.of());
    }

    static boolean isRoot() {
        return new UnixSystem().getUid() == ROOT;
    }

    /**
     * A prefix that runs a command without root's privileges, as PostgreSQL demands. Empty for ordinary users.
     *
     * @param directory what the command must own
     */
    static List<String> withoutRoot(Path directory) throws IOException {
        if (!isRoot()) {
            return List.of();
        }
        // A user namespace without mapped users: files stay root's, the process has no privilege over anything else.
        if (onPath("unshare").isPresent() && run(List.of("unshare", "-U", "true")) == 0) {
            if (!Files.getAttribute(directory, "unix:uid").equals(ROOT)) {
                give(directory, ROOT); // an earlier run had to do it in the other way
            }
            return List.of("unshare", "-U");
        }
        var nobody = List.of("chroot", "--userspec=" + NOBODY + ":" + NOBODY, "--groups=", "--skip-chdir", "/");
        if (onPath("chroot").isPresent()
                && give(directory, NOBODY)
                && run(Stream.concat(nobody.stream(), Stream.of("test", "-w", directory.toString()))
                                .toList())
                        == 0) {
            return nobody;
        }
        throw new StackException("PostgreSQL refuses to run as root, and here neither a user namespace (unshare -U) nor"
                + " the user nobody (chroot --userspec) can use " + directory + ": run as an ordinary user.");
    }

    private static boolean give(Path directory, int user) throws IOException {
        return run(List.of("chown", "-R", user + ":" + user, directory.toString())) == 0;
    }

    /** Memory of the processes in bytes, what they share counted once; 0 where the system does not tell. */
    static long memory(Stream<ProcessHandle> processes) {
        return processes.mapToLong(process -> proportionalMemory(process.pid())).sum();
    }

    private static long proportionalMemory(long pid) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException _) {
            return 0; // no such file here, or the process has just ended
        }
    }

    /** A program on the PATH. */
    static Optional<String> onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** The shell's built-in kill: a minimal machine has no other. */
    static void signal(String signal, long pid) {
        try {
            run(List.of("sh", "-c", "kill -\"$1\" \"$2\"", "kill", signal, Long.toString(pid)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int run(List<String> line) throws IOException {
        try {
            var process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(line.getFirst() + " did not end within a minute");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static StackException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new StackException("Interrupted.", e);
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (var files = Files.walk(root)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
