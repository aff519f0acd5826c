package org.calciwatch.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysetsTest {

    @Test
    void each_database_has_a_keyset_of_its_own_that_stays_and_only_the_owner_may_read(@TempDir Path home)
            throws Exception {
        var keysets = new Keysets(home.resolve("keys"));
        var intake = Files.readString(keysets.of("intake"));

        assertThat(intake).contains("AesGcmKey", "\"TINK\"");
        assertThat(Files.readString(keysets.of("assessment"))).isNotEqualTo(intake);
        assertThat(Files.readString(new Keysets(home.resolve("keys")).of("intake")))
                .isEqualTo(intake);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keysets.of("intake"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(home.resolve("keys"))) {
            assertThat(files).hasSize(2);
        }
    }
}
