package org.calciwatch.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation;
import org.calciwatch.assessment.rules.Floor;
import org.calciwatch.assessment.rules.PackFiles;
import org.calciwatch.assessment.rules.RulePack;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * How long one evaluation of the bundled pack with its explanation takes once warm, over the worked patients of the pack,
 * and how long loading the pack takes in a fresh JVM. {@code ./calciwatch bench} runs it. It takes JMH's options;
 * {@code -jvmArgs} replaces the JVM options, which are else those the service is started with.
 */
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RulePackBenchmark {

    private static final String PACK = RulePack.ID;
    private static final String VERSION = "1.0.0";

    /** As the local stack starts the assessment service, as far as it matters for speed. */
    private static final String[] AS_A_SERVICE = {"-Xmx160m", "-XX:+UseSerialGC"};

    /** Without the greetings of JMH's and the CQL engine's libraries. */
    private static final String[] QUIET = {"--sun-misc-unsafe-memory-access=allow", "-Dslf4j.internal.verbosity=ERROR"};

    private static final Path DIRECTORY = Path.of("target");

    /** A line of the table: names of the benchmarks, and the target in the unit of the figure. */
    private record Row(
            String what,
            String benchmark,
            @Nullable String floor,
            @Nullable Integer target) {}

    private static final List<Row> ROWS = List.of(
            new Row("evaluate the pack and explain", "evaluate", "evaluateFloor", 250),
            new Row("normalise the answers", "normalise", null, null),
            new Row("load the pack, fresh JVM", "load", "loadFloor", 5000));

    /** The worked patients, in turn: no two evaluations in a row are of the same one. */
    @State(Scope.Benchmark)
    public static class Patients {
        private final List<Answers> answers = Floor.workedPatients(files());
        private final List<Profile> profiles = answers.stream().map(Profile::of).toList();
        private int turn;

        private int next() {
            turn = (turn + 1) % answers.size();
            return turn;
        }
    }

    /** The loaded pack. */
    @State(Scope.Benchmark)
    public static class Loaded {
        private final RulePack pack = RulePack.load(files());
    }

    /** The definitions of the pack in plain Java. */
    @State(Scope.Benchmark)
    public static class PlainJava {
        private final Floor floor = new Floor(
                files(), Floor.workedPatients(files()).stream().map(Profile::of).toList());
    }

    /** From a profile to the whole answer. */
    @Benchmark
    public Evaluation evaluate(Loaded loaded, Patients patients) {
        return loaded.pack.evaluate(patients.profiles.get(patients.next()));
    }

    /** The truth of every definition in plain Java, from parameters prepared before. */
    @Benchmark
    public int evaluateFloor(PlainJava plain, Patients patients) {
        return plain.floor.evaluate(patients.next());
    }

    /** From answers as entered to a profile. */
    @Benchmark
    public Profile normalise(Patients patients) {
        return Profile.of(patients.answers.get(patients.next()));
    }

    /** The first in the life of a JVM. */
    @Benchmark
    @Fork(3)
    @Warmup(iterations = 0)
    @Measurement(iterations = 1)
    @BenchmarkMode(Mode.SingleShotTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public RulePack load() {
        return RulePack.load(files());
    }

    /** Nothing but the translation of the CQL, the first in the life of a JVM. */
    @Benchmark
    @Fork(3)
    @Warmup(iterations = 0)
    @Measurement(iterations = 1)
    @BenchmarkMode(Mode.SingleShotTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public int loadFloor() {
        return Floor.load(files());
    }

    private static PackFiles files() {
        return PackFiles.bundled(PACK, VERSION);
    }

    /**
     * Measures and prints a table. A target missed is no failure: times depend on the machine.
     *
     * @param options JMH's own
     * @throws RunnerException when a benchmark does not run
     */
    public static void main(String[] options) throws CommandLineOptionException, IOException, RunnerException {
        var asked = new CommandLineOptions(options);
        Files.createDirectories(DIRECTORY);
        var log = DIRECTORY.resolve("benchmark.log");
        var json = DIRECTORY.resolve("benchmark.json");
        var chosen = new OptionsBuilder()
                .parent(asked)
                .shouldFailOnError(true)
                .jvmArgsAppend(QUIET)
                .output(log.toString())
                .resultFormat(ResultFormatType.JSON)
                .result(json.toString());
        if (!asked.getJvmArgs().hasValue()) {
            chosen.jvmArgs(AS_A_SERVICE);
        }
        System.out.printf("Measuring for about two minutes; the log is %s%n", log);
        var results = new Runner(chosen.build()).run();
        System.out.printf(
                "JVM options: %s%n",
                String.join(" ", chosen.build().getJvmArgs().orElse(List.of())));
        print(results, System.out);
        System.out.printf("All figures with their errors: %s%n", json);
    }

    private static void print(Collection<RunResult> results, PrintStream out) {
        var measured = results.stream()
                .collect(Collectors.toMap(result -> result.getPrimaryResult().getLabel(), RunResult::getPrimaryResult));
        out.printf("%-30s %16s %12s %8s %8s  %s%n", "", "figure", "floor", "ratio", "target", "reached");
        for (var row : ROWS) {
            var figure = measured.get(row.benchmark());
            if (figure == null) {
                continue;
            }
            var floor = measured.get(row.floor());
            out.printf(
                    Locale.ROOT,
                    "%-30s %10.1f %-5s %12s %8s %8s  %s%n",
                    row.what(),
                    figure.getScore(),
                    figure.getScoreUnit(),
                    floor == null ? "" : rounded(floor.getScore()),
                    floor == null ? "" : rounded(figure.getScore() / floor.getScore()),
                    row.target() == null ? "" : row.target(),
                    row.target() == null ? "" : figure.getScore() <= row.target() ? "yes" : "no");
        }
    }

    private static String rounded(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }
}
