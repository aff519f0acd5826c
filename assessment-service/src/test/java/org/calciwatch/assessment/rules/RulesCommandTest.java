package org.calciwatch.assessment.rules;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesCommandTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path pack;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void copy_the_pack() throws IOException {
        for (var file : PackFiles.NAMES) {
            try (var in = RulePack.class.getResourceAsStream("/rule-packs/calcification-risk/1.0.0/" + file)) {
                Files.write(pack.resolve(file), Objects.requireNonNull(in).readAllBytes());
            }
        }
    }

    @Test
    void check_says_in_one_line_what_it_found_in_order() {
        assertThat(run("check", pack.toString())).isZero();
        assertThat(output())
                .containsExactly("OK: calcification-risk 1.0.0, 59 rules, 2 languages, 159 cases, "
                        + BundledPack.FILES.digest());
    }

    @Test
    void check_prints_each_problem_with_its_file_and_line() throws IOException {
        change(PackFiles.CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 0.70 'mmol/L'");
        change(PackFiles.YAML, "version: 1.0.0", "version: 1.0.1");

        assertThat(run("check", pack.toString())).isOne();
        assertThat(output())
                .anyMatch(line -> line.matches(
                        "\\Q" + pack.resolve(PackFiles.CQL) + "\\E:\\d+: in \"mg-low\": compares an amount .*"))
                .anyMatch(line -> line.matches("\\Q" + pack.resolve(PackFiles.YAML) + "\\E:6: version 1.0.1, but .*"));
        assertThat(output().getLast()).matches("\\d+ problems");
    }

    @Test
    void check_names_a_missing_file() throws IOException {
        Files.delete(pack.resolve(PackFiles.CASES));

        assertThat(run("check", pack.toString())).isOne();
        assertThat(output()).containsExactly(pack.resolve(PackFiles.CASES) + ":1: the file is missing", "1 problem");
    }

    @Test
    void test_prints_one_line_for_each_case() {
        assertThat(run("test", pack.toString())).isZero();
        assertThat(output()).hasSize(160).first().isEqualTo("ok      C01 Headline rule, SI units");
        assertThat(output().getLast()).isEqualTo("159 cases: 159 ok, 0 failed");
    }

    @Test
    void test_shows_the_differences_of_a_failed_case_below_it() throws IOException {
        change(PackFiles.CASES, "\"severity\": \"CLINICIAN_REVIEW\"", "\"severity\": \"EDUCATION\"");

        assertThat(run("test", pack.toString())).isOne();
        assertThat(output()).element(0).isEqualTo("FAILED  C01 Headline rule, SI units");
        assertThat(output())
                .element(1)
                .asString()
                .matches("        \\Q" + pack.resolve(PackFiles.CASES)
                        + "\\E:\\d+: severity is CLINICIAN_REVIEW, expected EDUCATION");
        assertThat(output().getLast()).isEqualTo("159 cases: 158 ok, 1 failed");
    }

    @Test
    void test_of_a_pack_that_does_not_compile_prints_its_problems() throws IOException {
        change(PackFiles.CQL, "parameter \"Magnesium\" Quantity", "parameter \"Magnesum\" Quantity");

        assertThat(run("test", pack.toString())).isOne();
        assertThat(output()).anyMatch(line -> line.contains("Could not resolve identifier Magnesium"));
    }

    @Test
    void pack_writes_the_archive_the_service_takes(@TempDir Path folder) throws IOException {
        var file = folder.resolve("my.zip");

        assertThat(run("pack", pack.toString(), file.toString())).isZero();
        assertThat(PackFiles.unzip(Files.readAllBytes(file)).digest()).isEqualTo(BundledPack.FILES.digest());
        assertThat(output()).containsExactly(file + ", " + BundledPack.FILES.digest());
    }

    @Test
    void what_is_asked_wrongly_is_told_in_one_line() {
        assertWrong("say what to do");
        assertWrong("there is no prove", "prove", pack.toString());
        assertWrong("check takes one directory", "check");
        assertWrong("test takes one directory", "test", pack.toString(), "more");
        assertWrong("there is no directory nowhere", "check", "nowhere");
        assertWrong(
                "there is no directory ", "test", pack.resolve(PackFiles.CQL).toString());
        assertWrong("must be called something.zip", "pack", pack.toString(), "rules.yaml");
    }

    @Test
    void a_file_that_cannot_be_written_is_named() {
        var file = pack.resolve("no such folder/my.zip").toString();

        assertThat(run("pack", pack.toString(), file)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains(file);
    }

    private void assertWrong(String message, String... arguments) {
        err.reset();
        assertThat(run(arguments)).isEqualTo(2);
        assertThat(err.toString(UTF_8).lines())
                .singleElement()
                .asString()
                .contains(message)
                .contains("Usage: ./calciwatch rules check DIR");
        assertThat(output()).isEmpty();
    }

    private int run(String... arguments) {
        return RulesCommand.run(
                List.of(arguments), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    }

    private List<String> output() {
        return out.toString(UTF_8).lines().toList();
    }

    private void change(String file, String from, String to) throws IOException {
        var path = pack.resolve(file);
        var text = Files.readString(path);
        assertThat(text).contains(from);
        int at = text.indexOf(from);
        Files.writeString(path, text.substring(0, at) + to + text.substring(at + from.length()));
    }
}
