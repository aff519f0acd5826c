package org.calciwatch.stack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks the programs that come as tar archives. */
final class Archives {
    private Archives() {}

    /**
     * Keeps symbolic links and who may execute.
     *
     * @param uncompressed the tar archive; is closed
     * @throws IOException also when an entry leads outside the target
     */
    static void unpack(InputStream uncompressed, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(uncompressed)) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("the archive leads outside its directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.resolveSibling(""));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, file);
                    if ((entry.getMode() & 0100) != 0) {
                        var permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
                        permissions.add(PosixFilePermission.OWNER_EXECUTE);
                        permissions.add(PosixFilePermission.GROUP_EXECUTE);
                        permissions.add(PosixFilePermission.OTHERS_EXECUTE);
                        Files.setPosixFilePermissions(file, permissions);
                    }
                }
            }
        }
    }
}
