package org.calciwatch.stack;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;

/**
 * The keys with which the services seal answers, a Tink keyset per database, for its owner's eyes only. They belong to
 * the data and are as long-lived: a lost keyset is never replaced.
 *
 * <p>The same as {@code ./calciwatch keys new}, which lives in the services' shared jar; this module does not have it.
 *
 * @param directory beside the data
 */
record Keysets(Path directory) {

    /** The keyset file of a database; made when there is none. */
    Path of(String database) {
        var file = directory.resolve(database + ".json");
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(directory);
                var fresh = Files.createTempFile(
                        directory,
                        database,
                        ".new",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(fresh, generate());
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new StackException("The keyset " + file + " cannot be made: " + StackException.reason(e), e);
        }
        return file;
    }

    private static String generate() {
        try {
            AeadConfig.register();
            return TinkJsonProtoKeysetFormat.serializeKeyset(
                    KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM is not available in this Java", e);
        }
    }
}
