package org.calciwatch.assessment.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;

/** The files a rule pack consists of, unread. */
public final class PackFiles {

    static final String CQL = "calcification-risk.cql";
    static final String YAML = "rules.yaml";
    static final String REFERENCES = "references.yaml";
    static final String CASES = "cases.json";

    /** The names of the files, in the order in which the digest takes them. */
    public static final List<String> NAMES = List.of(CQL, YAML, REFERENCES, CASES);

    /** Most bytes of one file; the largest file of a real pack has about 100,000. */
    private static final int LARGEST_FILE = 2_000_000;

    private final Map<String, byte[]> bytes;

    /** @throws RulePackRejected when one of {@link #NAMES} is missing */
    private PackFiles(Map<String, byte[]> found) {
        var missing = NAMES.stream()
                .filter(name -> !found.containsKey(name))
                .map(name -> new Problem(name, 1, "the file is missing"))
                .toList();
        if (!missing.isEmpty()) {
            throw new RulePackRejected(missing);
        }
        bytes = new LinkedHashMap<>();
        NAMES.forEach(name -> bytes.put(name, Objects.requireNonNull(found.get(name))));
    }

    /** The pack that comes with the service. */
    public static PackFiles bundled(String id, String version) {
        var found = new LinkedHashMap<String, byte[]>();
        for (var name : NAMES) {
            try (var in = PackFiles.class.getResourceAsStream("/rule-packs/%s/%s/%s".formatted(id, version, name))) {
                if (in != null) {
                    found.put(name, in.readAllBytes());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new PackFiles(found);
    }

    /**
     * The files in a directory.
     *
     * @throws RulePackRejected when one is missing
     * @throws IOException when one cannot be read
     */
    public static PackFiles in(Path directory) throws IOException {
        var found = new LinkedHashMap<String, byte[]>();
        for (var name : NAMES) {
            var file = directory.resolve(name);
            if (Files.isRegularFile(file)) {
                found.put(name, Files.readAllBytes(file));
            }
        }
        return new PackFiles(found);
    }

    /**
     * The files of a ZIP archive, in whatever folder they lie there; other files are refused.
     *
     * @throws RulePackRejected when one is missing, strange or too large, or the archive cannot be read
     */
    public static PackFiles unzip(byte[] archive) {
        var found = new LinkedHashMap<String, byte[]>();
        var problems = new ArrayList<Problem>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(archive), UTF_8)) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.isDirectory()) {
                    continue;
                }
                var name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
                if (!NAMES.contains(name) || found.containsKey(name)) {
                    problems.add(new Problem(
                            name, 1, "is not a file of a rule pack, or stands there twice; a pack has " + NAMES));
                    break;
                }
                // One byte more than allowed tells "too large" without unpacking what may be a bomb.
                var content = zip.readNBytes(LARGEST_FILE + 1);
                if (content.length > LARGEST_FILE) {
                    problems.add(new Problem(name, 1, "is larger than %,d bytes".formatted(LARGEST_FILE)));
                    break;
                }
                found.put(name, content);
            }
        } catch (IOException | IllegalArgumentException e) {
            problems.add(new Problem("(archive)", 1, "is not a ZIP archive that can be read"));
        }
        if (problems.isEmpty() && found.isEmpty()) {
            problems.add(new Problem("(archive)", 1, "is not a ZIP archive, or an empty one"));
        }
        if (!problems.isEmpty()) {
            throw new RulePackRejected(problems);
        }
        return new PackFiles(found);
    }

    /** The files as a ZIP archive. */
    public byte[] zip() {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out, UTF_8)) {
            for (var file : bytes.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Over the bytes of all files, {@code sha256:<hex>}. */
    public String digest() {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            for (var file : bytes.entrySet()) {
                // Name and length first, so that no byte can move from one file to another unnoticed.
                sha256.update("%s %d\n"
                        .formatted(file.getKey(), file.getValue().length)
                        .getBytes(UTF_8));
                sha256.update(file.getValue());
            }
            return "sha256:" + HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /**
     * The text of a file.
     *
     * @param name one of {@link #NAMES}
     * @throws RulePackRejected when it is not UTF-8
     */
    String text(String name) {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(Objects.requireNonNull(bytes.get(name), name)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RulePackRejected(
                    List.of(new Problem(name, 1, "is not UTF-8: save it in that encoding in your editor")));
        }
    }
}
