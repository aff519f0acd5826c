package org.calciwatch.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;

/** Files as backups need them: hashed on the way, on the disk when it is said that they are, and for their owner only. */
record CopiedFile(long bytes, String sha256) {

    /** Of a file that is there. */
    static CopiedFile of(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return transfer(in, OutputStream.nullOutputStream());
        }
    }

    /** What comes out of the stream becomes a new file, and is described. */
    static CopiedFile write(InputStream in, Path file) throws IOException {
        try (var channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            var copied = transfer(in, Channels.newOutputStream(channel));
            channel.force(true);
            return copied;
        }
    }

    /** As a whole or not at all, in place of an earlier one. */
    static void replace(Path file, String content) throws IOException {
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        write(new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)), fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var directory = FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
            directory.force(true); // the name, too, is on the disk only after this
        }
    }

    static void createDirectory(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    static void deleteTree(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static CopiedFile transfer(InputStream in, OutputStream out) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var bytes = in.transferTo(new DigestOutputStream(out, digest));
            return new CopiedFile(bytes, HexFormat.of().formatHex(digest.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
