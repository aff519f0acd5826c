package org.calciwatch.assessment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.calciwatch.assessment.rules.PackFiles;

/** A copy of the pack that ships with the service, to be changed like a clinical lead would. */
public final class EditedPack {

    public static final String CQL = "calcification-risk.cql";
    public static final String YAML = "rules.yaml";
    private static final String CASES = "cases.json";

    public static final String SHIPPED = "1.0.0";

    private final Map<String, String> files;

    private EditedPack(Map<String, String> files) {
        this.files = files;
    }

    /** The pack unchanged, under a version of its own. */
    public static EditedPack version(String version) throws IOException {
        return unzip(PackFiles.bundled("calcification-risk", SHIPPED).zip())
                .change(CQL, "version '" + SHIPPED + "'", "version '" + version + "'")
                .change(YAML, "version: " + SHIPPED, "version: " + version);
    }

    public static EditedPack unzip(byte[] archive) throws IOException {
        var files = new LinkedHashMap<String, String>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
            }
        }
        return new EditedPack(files);
    }

    /** Raises the lower limit of magnesium from 1.7 to 1.8 mg/dL, and says so of the worked patients it concerns. */
    public EditedPack higherMagnesiumLimit() {
        return change(CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 1.8 'mg/dL'")
                .expect("Limit: magnesium, lower limit: 1.7", "[\"mg-low\"], \"severity\": \"CLINICIAN_REVIEW\"", "[]")
                .expect(
                        "Limit: palpitations with magnesium 1.7",
                        "[\"mg-low\", \"rf-emergency-symptoms\"], \"severity\": \"EMERGENCY\"",
                        "[\"rf-rhythm-spasm\"]");
    }

    /** Changes what is expected of the worked patient with this title. */
    private EditedPack expect(String title, String firedAndSeverity, String suppressed) {
        var lines = files.getOrDefault(CASES, "").split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].contains("\"" + title + "\"")) {
                lines[i + 2] = "\"expected\": {\"fired\": %s, \"unknown\": [], \"suppressed\": %s, \"dq\": []}},"
                        .formatted(firedAndSeverity, suppressed);
            }
        }
        return file(CASES, String.join("\n", lines));
    }

    public EditedPack change(String file, String from, String to) {
        var text = files.getOrDefault(file, "");
        assertThat(text).contains(from);
        int at = text.indexOf(from);
        files.put(file, text.substring(0, at) + to + text.substring(at + from.length()));
        return this;
    }

    public EditedPack file(String name, String content) {
        files.put(name, content);
        return this;
    }

    public EditedPack without(String file) {
        files.remove(file);
        return this;
    }

    public byte[] zip() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (var file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(UTF_8));
                zip.closeEntry();
            }
        }
        return out.toByteArray();
    }
}
