package org.calciwatch.assessment.rules;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;

/**
 * Checks a rule pack in a directory, without a service or a database: what {@code ./calciwatch rules} runs. Exit code 0:
 * all is well; 1: something is wrong with the pack; 2: the command cannot be understood or the files cannot be read.
 */
public final class RulesCommand {

    private static final int FINE = 0;
    private static final int PROBLEMS = 1;
    private static final int USAGE = 2;

    private final PrintStream out;

    private RulesCommand(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    /** Does what the arguments say and returns the exit code. */
    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        var command = new RulesCommand(out);
        try {
            return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
                case "check" -> command.check(directory(arguments, 2));
                case "test" -> command.test(directory(arguments, 2));
                case "pack" -> command.pack(directory(arguments, 3), arguments.get(2));
                default ->
                    throw new WrongUsage(
                            arguments.isEmpty() ? "say what to do" : "there is no " + arguments.getFirst());
            };
        } catch (WrongUsage wrong) {
            err.println("calciwatch rules: " + wrong.getMessage()
                    + ". Usage: ./calciwatch rules check DIR | test DIR | pack DIR FILE.zip");
            return USAGE;
        } catch (IOException e) {
            err.println("calciwatch rules: cannot read or write " + e.getMessage());
            return USAGE;
        }
    }

    private static Path directory(List<String> arguments, int count) throws WrongUsage {
        var verb = arguments.getFirst();
        if (arguments.size() != count) {
            throw new WrongUsage(
                    "%s takes %s".formatted(verb, count == 2 ? "one directory" : "a directory and the file to write"));
        }
        var directory = path(arguments.get(1));
        if (!Files.isDirectory(directory)) {
            throw new WrongUsage("there is no directory " + arguments.get(1));
        }
        return directory;
    }

    private static Path path(String text) throws WrongUsage {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new WrongUsage("%s is no path: %s".formatted(text, e.getReason()));
        }
    }

    /** All checks, the worked patients included. */
    private int check(Path directory) throws IOException {
        try {
            var files = PackFiles.in(directory);
            var pack = RulePack.load(files);
            out.printf(
                    "OK: %s %s, %d rules, %d languages, %d cases, %s%n",
                    pack.id(),
                    pack.version(),
                    pack.rules().size(),
                    pack.languages().size(),
                    GoldenCases.of(files).size(),
                    pack.digest());
            return FINE;
        } catch (RulePackRejected rejected) {
            return print(directory, rejected);
        }
    }

    /** The worked patients one by one. */
    private int test(Path directory) throws IOException {
        try {
            var files = PackFiles.in(directory);
            var pack = RulePack.compile(files);
            var cases = GoldenCases.of(files);
            int failed = 0;
            for (var golden : cases) {
                var differences = golden.differences(pack);
                out.println((differences.isEmpty() ? "ok      " : "FAILED  ") + golden);
                for (var difference : differences) {
                    out.println("        " + problem(directory, PackFiles.CASES, golden.line(), difference));
                }
                failed += differences.isEmpty() ? 0 : 1;
            }
            out.printf("%d cases: %d ok, %d failed%n", cases.size(), cases.size() - failed, failed);
            return failed == 0 ? FINE : PROBLEMS;
        } catch (RulePackRejected rejected) {
            return print(directory, rejected);
        }
    }

    /** The archive that {@code POST /rule-packs} takes. The service checks it. */
    private int pack(Path directory, String file) throws IOException, WrongUsage {
        if (!file.endsWith(".zip")) {
            throw new WrongUsage("the file to write must be called something.zip, not " + file);
        }
        try {
            var files = PackFiles.in(directory);
            Files.write(path(file), files.zip());
            out.printf("%s, %s%n", file, files.digest());
            return FINE;
        } catch (RulePackRejected rejected) {
            return print(directory, rejected);
        }
    }

    private int print(Path directory, RulePackRejected rejected) {
        for (var problem : rejected.problems()) {
            out.println(problem(directory, problem.file(), problem.line(), problem.message()));
        }
        int count = rejected.problems().size();
        out.println(count == 1 ? "1 problem" : count + " problems");
        return PROBLEMS;
    }

    /** In the form terminals and editors make a link of. */
    private static Problem problem(Path directory, String file, int line, String message) {
        return new Problem(directory.resolve(file).toString(), line, message);
    }

    private static final class WrongUsage extends Exception {
        private static final long serialVersionUID = 1L;

        WrongUsage(String message) {
            super(message);
        }
    }
}
