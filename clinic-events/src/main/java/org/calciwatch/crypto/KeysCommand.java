package org.calciwatch.crypto;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * Makes and changes keyset files, without a service or a database: what {@code ./calciwatch keys} runs. It never prints
 * keys, only their ids. Exit code 0: done; 1: the file does not allow it; 2: the command cannot be understood or the file
 * cannot be read or written.
 */
public final class KeysCommand {

    private static final int DONE = 0;
    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final PrintStream out;

    private KeysCommand(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    /** Does what the arguments say and returns the exit code. */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        if (arguments.size() != 2) {
            return usage(err);
        }
        var command = new KeysCommand(out);
        try {
            var file = Path.of(arguments.get(1));
            switch (arguments.getFirst()) {
                case "new" -> command.create(file);
                case "add" -> command.add(file);
                case "promote" -> command.promote(file);
                case "prune" -> command.prune(file);
                case "show" -> command.show(file);
                default -> {
                    return usage(err);
                }
            }
            return DONE;
        } catch (KeysUnusable e) {
            err.println("calciwatch keys: " + arguments.get(1) + ": " + e.getMessage());
            return REFUSED;
        } catch (NoSuchFileException e) {
            err.println("calciwatch keys: there is no " + e.getFile());
            return USAGE;
        } catch (IOException | InvalidPathException e) {
            err.println("calciwatch keys: cannot read or write " + e.getMessage());
            return USAGE;
        }
    }

    private static int usage(PrintStream err) {
        err.println("calciwatch keys: Usage: ./calciwatch keys new FILE | add FILE | promote FILE | prune FILE"
                + " | show FILE");
        return USAGE;
    }

    private void create(Path file) throws IOException, KeysUnusable {
        var keys = Keys.generate();
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            throw new KeysUnusable(
                    "it exists. A keyset that is lost takes its data with it; add to it, or choose" + " another name");
        }
        write(file, keys);
    }

    private void add(Path file) throws IOException, KeysUnusable {
        write(file, read(file).add());
        out.println("Once every service has read the file (they look every 10 s): ./calciwatch keys promote " + file);
    }

    private void promote(Path file) throws IOException, KeysUnusable {
        var keys = read(file);
        var promoted = keys.promote();
        if (promoted.primary() == keys.primary()) {
            throw new KeysUnusable("the newest key is the primary one already; keys add makes a new one");
        }
        write(file, promoted);
        out.println("Once the service says that everything is sealed under key " + Keys.name(promoted.primary())
                + ": ./calciwatch keys prune " + file);
    }

    private void prune(Path file) throws IOException, KeysUnusable {
        var keys = read(file);
        if (keys.ids().size() == 1) {
            throw new KeysUnusable("the primary key is the only one");
        }
        write(file, keys.prune());
    }

    private void show(Path file) throws IOException, KeysUnusable {
        out.println("Keys: " + read(file));
    }

    private static Keys read(Path file) throws IOException, KeysUnusable {
        return Keys.parse(Files.readString(file));
    }

    /** As a whole or not at all: a service may read the file at any moment, and half a keyset is a lost one. */
    private void write(Path file, Keys keys) throws IOException {
        // A mounted secret is a link; what it points to changes, not the link.
        var target = file.toRealPath();
        var fresh = Files.createTempFile(
                target.getParent(),
                target.getFileName() + ".",
                ".new",
                PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try {
            // Where an administrator changes the file, the service's user must still be able to read it.
            Files.setOwner(fresh, Files.getOwner(target));
            Files.write(fresh, keys.json().getBytes(StandardCharsets.UTF_8));
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        out.println("Keys: " + keys);
    }
}
