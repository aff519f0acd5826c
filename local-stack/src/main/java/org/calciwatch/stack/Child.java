package org.calciwatch.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One component as a running process. Once it has been ready it is kept alive: when it ends although nobody asked for
 * that, it is started again after 1, 2, 4, … at most 30 seconds.
 */
public final class Child {
    private static final Duration ORDERLY_END = Duration.ofSeconds(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** A process that lived this long did not fail at its start: the pauses begin at one second again. */
    private static final Duration SETTLED = Duration.ofMinutes(1);

    private final Component component;
    private final ProcessRegistry registry;
    private final Path log;
    private final Consumer<String> say;

    private @Nullable Process process;
    private Instant started = Instant.EPOCH;
    private boolean wanted;
    private boolean retired;
    private boolean wasReady;
    private int failures;

    Child(Component component, ProcessRegistry registry, Path log, Consumer<String> say) {
        this.component = component;
        this.registry = registry;
        this.log = log;
        this.say = say;
    }

    public String name() {
        return component.name();
    }

    Component component() {
        return component;
    }

    /** The process id while it runs. */
    public synchronized OptionalLong pid() {
        return process == null ? OptionalLong.empty() : OptionalLong.of(process.pid());
    }

    /**
     * Starts the process if it does not run; does not wait until it is ready.
     *
     * @throws StackException when it cannot be started
     */
    public synchronized void start() {
        if (retired) {
            throw new StackException(name() + " is not started: the stack is stopping.");
        }
        wanted = true;
        if (process != null) {
            return;
        }
        try {
            launch();
        } catch (IOException e) {
            throw new StackException(name() + " cannot be started: " + StackException.reason(e), e);
        }
    }

    /**
     * Waits until the component does its work.
     *
     * @throws StackException when it ends before it was ever ready or takes too long; names the log and its last lines
     */
    public void awaitReady() {
        var deadline = Instant.now().plus(component.patience());
        String reason = "it does not run";
        while (Instant.now().isBefore(deadline)) {
            if (isRetired()) {
                throw new StackException(name() + " is not awaited: the stack is stopping.");
            }
            var pid = pid();
            if (pid.isPresent()) {
                try {
                    component.probe(pid.getAsLong());
                    synchronized (this) {
                        wasReady = true;
                    }
                    return;
                } catch (IOException e) {
                    reason = e.getMessage();
                }
            } else if (endedForGood()) {
                throw new StackException(name() + " ended while starting. Its log is " + log + lastLines());
            }
            OperatingSystem.sleep(100);
        }
        throw new StackException(name() + " was not ready within "
                + component.patience().toSeconds() + " s (" + reason + "). Its log is " + log + lastLines());
    }

    /** SIGKILL. It stays down until {@link #start()}. */
    public void kill() {
        var ending = unwanted();
        if (ending != null) {
            ending.destroyForcibly();
            await(ending, ORDERLY_END);
        }
    }

    /** As {@link #stop()}, for good: nothing starts it any more. */
    void retire() {
        synchronized (this) {
            retired = true;
        }
        stop();
    }

    /** An orderly end, forced when it takes more than 20 seconds. It stays down until {@link #start()}. */
    public void stop() {
        var ending = unwanted();
        if (ending == null) {
            return;
        }
        OperatingSystem.signal(component.stopSignal(), ending.pid());
        if (!await(ending, ORDERLY_END)) {
            say.accept(name() + " did not stop within " + ORDERLY_END.toSeconds() + " s and is ended forcibly.");
            ending.destroyForcibly();
            await(ending, ORDERLY_END);
        }
    }

    private synchronized @Nullable Process unwanted() {
        wanted = false;
        return process;
    }

    private boolean await(Process ending, Duration time) {
        try {
            var ended = ending.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
            if (ended) {
                onEnd(ending);
            }
            return ended;
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        }
    }

    private synchronized boolean isRetired() {
        return retired;
    }

    private synchronized boolean endedForGood() {
        return process == null && (!wasReady || !wanted);
    }

    private synchronized void launch() throws IOException {
        component.prepare();
        var command = component.command();
        List<String> line = new ArrayList<>(OperatingSystem.ownSession());
        line.addAll(command.line());
        var builder = new ProcessBuilder(line)
                .directory(command.directory().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(command.environment());
        var launched = builder.start();
        process = launched;
        started = Instant.now();
        registry.record(name(), launched.toHandle());
        var _ = launched.onExit().thenAccept(this::onEnd);
    }

    /** Called by whoever notices the end first. */
    private synchronized void onEnd(Process ended) {
        if (process != ended) {
            return;
        }
        process = null;
        try {
            registry.forget(name());
        } catch (IOException e) {
            say.accept(name() + ": its process record cannot be removed: " + e.getMessage());
        }
        if (wanted && wasReady) {
            if (started.plus(SETTLED).isBefore(Instant.now())) {
                failures = 0;
            }
            var pause = pause();
            say.accept(name() + " ended unexpectedly (exit code " + ended.exitValue() + "); starting it again in "
                    + pause.toSeconds() + " s.");
            Thread.startVirtualThread(() -> bringBack(pause));
        }
    }

    private Duration pause() {
        var pause = Duration.ofSeconds(1L << Math.min(failures++, 5));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private void bringBack(Duration pause) {
        OperatingSystem.sleep(pause.toMillis());
        synchronized (this) {
            if (!wanted || process != null) {
                return;
            }
            try {
                launch();
            } catch (IOException e) {
                var next = pause();
                say.accept(name() + " cannot be started (" + e.getMessage() + "); trying again in " + next.toSeconds()
                        + " s.");
                Thread.startVirtualThread(() -> bringBack(next));
                return;
            }
        }
        try {
            awaitReady();
            say.accept(name() + " is back.");
        } catch (StackException e) {
            say.accept(e.getMessage());
        }
    }

    private String lastLines() {
        try {
            var lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return lines.stream()
                    .skip(Math.max(0, lines.size() - 15))
                    .collect(Collectors.joining("\n  ", " and ends with:\n  ", ""));
        } catch (IOException e) {
            return " (which cannot be read: " + e.getMessage() + ")";
        }
    }
}
