package org.calciwatch.crypto;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Where the keyset comes from: {@code calciwatch.keyset} itself, or the file {@code calciwatch.keyset-file}. */
@ApplicationScoped
class KeySource {

    private static final Logger LOG = Logger.getLogger(KeySource.class);
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final Optional<String> keyset;
    private final Optional<Path> file;

    KeySource(
            @ConfigProperty(name = "calciwatch.keyset") Optional<String> keyset,
            @ConfigProperty(name = "calciwatch.keyset-file") Optional<Path> file) {
        this.keyset = keyset;
        this.file = file;
    }

    /**
     * The keyset as it is now, in JSON.
     *
     * @throws KeysUnusable when there is none, or it cannot be told which one is meant
     */
    String read() throws KeysUnusable {
        if (keyset.isPresent() && file.isPresent()) {
            throw new KeysUnusable("Two keysets are given. Unset one of calciwatch.keyset and calciwatch.keyset-file.");
        }
        if (file.isPresent()) {
            try {
                return Files.readString(file.get());
            } catch (IOException e) {
                throw new KeysUnusable("The keyset file " + file.get() + " cannot be read ("
                        + e.getClass().getSimpleName()
                        + "). Make it readable for this process, or make a new one for a new database with"
                        + " ./calciwatch keys new FILE.");
            }
        }
        return keyset.orElseThrow(() -> new KeysUnusable("No encryption key is given. Set CALCIWATCH_KEYSET_FILE to a"
                + " file made by ./calciwatch keys new FILE, or CALCIWATCH_KEYSET to its content."));
    }

    /** Warns when the file is open to others; it may be mounted in a way that cannot be changed, so only that. */
    void warnWhenOpenToOthers() {
        file.ifPresent(path -> {
            try {
                var permissions = Files.getPosixFilePermissions(path);
                if (permissions.stream().anyMatch(OTHERS::contains)) {
                    LOG.warnf("Others may read or write the keyset file %s. Forbid it: chmod 600 %s", path, path);
                }
            } catch (IOException | UnsupportedOperationException e) {
                LOG.debugf("The permissions of %s cannot be told", path);
            }
        });
    }

    /** What the keyset is called in messages. */
    @Override
    public String toString() {
        return file.map(path -> "The keyset file " + path).orElse("The keyset in calciwatch.keyset");
    }
}
