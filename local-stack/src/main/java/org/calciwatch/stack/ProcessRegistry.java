package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * The stack's processes on disk, one file each, with what proves that a process id still means the same process. So a
 * later run can end what a killed one left behind and never touches anything else.
 */
record ProcessRegistry(Path directory) {
    /** The entry of the process that watches all others. */
    static final String SUPERVISOR = "supervisor";

    /** The identity of a process that is no more; never recorded. */
    private static final String ENDED = "ended";

    void record(String name, ProcessHandle process) throws IOException {
        var temporary = directory.resolve(name + ".pid.new");
        Files.writeString(temporary, process.pid() + " " + identity(process));
        Files.move(temporary, file(name), StandardCopyOption.ATOMIC_MOVE);
    }

    void forget(String name) throws IOException {
        Files.deleteIfExists(file(name));
    }

    /** The recorded process, if it still lives. */
    Optional<ProcessHandle> find(String name) {
        try {
            var recorded = Files.readString(file(name)).split(" ", 2);
            return ProcessHandle.of(Long.parseLong(recorded[0]))
                    .filter(process -> recorded.length == 2 && identity(process).equals(recorded[1]));
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    /**
     * Ends a recorded process, forcibly when it does not end within ten seconds.
     *
     * @return whether there was one
     */
    boolean end(String name, String signal) throws IOException {
        var found = find(name);
        if (found.isPresent()) {
            var process = found.get();
            OperatingSystem.signal(signal, process.pid());
            if (!hasEnded(process, 10)) {
                process.destroyForcibly();
                hasEnded(process, 10);
            }
        }
        forget(name);
        return found.isPresent();
    }

    /** Waits for the end of a process that need not be a child of ours, hence the polling. */
    static boolean hasEnded(ProcessHandle process, int seconds) {
        var deadline = Instant.now().plusSeconds(seconds);
        while (process.isAlive() && !identity(process).equals(ENDED)) {
            if (Instant.now().isAfter(deadline)) {
                return false;
            }
            OperatingSystem.sleep(50);
        }
        return true;
    }

    /**
     * On Linux the boot and the clock tick of the start, which no two processes with the same id share. Elsewhere the
     * start instant and the executable.
     */
    private static String identity(ProcessHandle process) {
        var stat = Path.of("/proc", Long.toString(process.pid()), "stat");
        var boot = Path.of("/proc/sys/kernel/random/boot_id");
        try {
            if (Files.isReadable(stat) && Files.isReadable(boot)) {
                var line = Files.readString(stat);
                // The second field is the program's name in brackets and may contain blanks. The third is the state,
                // the 22nd the start.
                var fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
                // A zombie has ended; it only waits for its parent to notice.
                return fields[0].equals("Z") ? ENDED : Files.readString(boot).strip() + "/" + fields[19];
            }
        } catch (IOException _) {
            return ENDED;
        }
        var info = process.info();
        return info.startInstant().map(Instant::toString).orElse("?") + "/"
                + info.command().orElse("?");
    }

    private Path file(String name) {
        return directory.resolve(name + ".pid");
    }
}
