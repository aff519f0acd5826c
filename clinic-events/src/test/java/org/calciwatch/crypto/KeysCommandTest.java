package org.calciwatch.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysCommandTest {

    private static final byte[] SECRET = "Magnesium 1.51".getBytes(StandardCharsets.UTF_8);

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private Path file = Path.of("");

    @BeforeEach
    void name_a_file(@TempDir Path directory) {
        file = directory.resolve("keys.json");
    }

    @Test
    void a_new_keyset_has_one_key_and_is_for_its_owner_only() throws Exception {
        assertThat(run("new")).isZero();

        assertThat(keys().ids()).containsExactly(keys().primary());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void an_existing_keyset_is_never_overwritten() throws Exception {
        run("new");
        var before = Files.readString(file);

        assertThat(run("new")).isEqualTo(1);
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void values_stay_readable_at_every_step_of_a_rotation() throws Exception {
        run("new");
        var old = keys();
        var sealed = old.seal("a/1", SECRET);

        run("add");
        assertThat(keys().primary()).isEqualTo(old.primary());
        assertThat(keys().open("a/1", sealed)).isEqualTo(SECRET);
        var added = keys();

        run("promote");
        assertThat(keys().primary()).isNotEqualTo(old.primary());
        assertThat(keys().open("a/1", sealed)).isEqualTo(SECRET);
        var resealed = keys().seal("a/1", SECRET);
        assertThat(added.open("a/1", resealed))
                .as("an instance that knows the new key only as an addition")
                .isEqualTo(SECRET);
        assertThat(resealed).startsWith(keys().primaryPrefix());

        run("prune");
        assertThat(keys().open("a/1", resealed)).isEqualTo(SECRET);
        assertThatExceptionOfType(SealBroken.class).isThrownBy(() -> keys().open("a/1", sealed));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(file.resolveSibling("."))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void a_value_that_was_changed_or_moved_to_another_row_is_refused() throws Exception {
        run("new");
        var sealed = keys().seal("a/1", SECRET);

        assertThatExceptionOfType(SealBroken.class).isThrownBy(() -> keys().open("a/2", sealed));
        for (int i = 0; i < sealed.length; i++) {
            var changed = sealed.clone();
            changed[i] ^= 1;
            assertThatExceptionOfType(SealBroken.class).isThrownBy(() -> keys().open("a/1", changed));
        }
        assertThatExceptionOfType(SealBroken.class).isThrownBy(() -> keys().open("a/1", SECRET));
        assertThatExceptionOfType(SealBroken.class).isThrownBy(() -> keys().open("a/1", new byte[0]));
    }

    @Test
    void the_newest_key_cannot_be_promoted_twice_and_the_only_key_not_be_removed() throws Exception {
        run("new");

        assertThat(run("promote")).isEqualTo(1);
        assertThat(run("prune")).isEqualTo(1);
        assertThat(keys().ids()).hasSize(1);
    }

    @Test
    void key_material_is_never_printed() throws Exception {
        for (var verb : List.of("new", "add", "promote", "show", "prune")) {
            assertThat(run(verb)).isZero();
            var material = Files.readString(file).replaceAll("(?s).*?\"value\":\\s*\"([^\"]*)\".*", "$1");
            assertThat(material).hasSizeGreaterThan(40);
            assertThat(output()).doesNotContain(material).contains(Keys.name(keys().primary()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "key",
                "{}",
                "{\"primaryKeyId\": 7, \"key\": []}",
                "{\"primaryKeyId\":8,\"key\":[{\"keyData\":{\"typeUrl\":\"type.googleapis.com/google.crypto.tink.AesGcmKey\","
                        + "\"value\":\"GiAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\",\"keyMaterialType\":\"SYMMETRIC\"},"
                        + "\"status\":\"ENABLED\",\"keyId\":7,\"outputPrefixType\":\"TINK\"}]}",
                "{\"primaryKeyId\":7,\"key\":[{\"keyData\":{\"typeUrl\":\"type.googleapis.com/google.crypto.tink.AesGcmKey\","
                        + "\"value\":\"GiAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\",\"keyMaterialType\":\"SYMMETRIC\"},"
                        + "\"status\":\"ENABLED\",\"keyId\":7,\"outputPrefixType\":\"RAW\"}]}"
            })
    void what_is_no_usable_keyset_is_refused_without_being_quoted(String content) throws Exception {
        Files.writeString(file, content);

        assertThat(run("add")).isEqualTo(1);
        assertThat(Files.readString(file)).isEqualTo(content);
        assertThat(output()).contains("keys.json").doesNotContain("GiAAA");
    }

    @Test
    void wrong_usage_is_explained() {
        assertThat(run("frobnicate")).isEqualTo(2);
        assertThat(output()).contains("Usage: ./calciwatch keys new FILE");
        assertThat(run("show")).isEqualTo(2);
        assertThat(output()).contains("there is no");
    }

    private int run(String verb) {
        var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return KeysCommand.run(List.of(verb, file.toString()), out, out);
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Keys keys() throws KeysUnusable {
        try {
            return Keys.parse(Files.readString(file));
        } catch (IOException e) {
            throw new KeysUnusable("unreadable");
        }
    }
}
