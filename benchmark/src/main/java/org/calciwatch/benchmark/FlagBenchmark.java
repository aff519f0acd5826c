package org.calciwatch.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.calciwatch.stack.LocalStack;

/**
 * How long it takes from a flag to its mail at the SMTP server, and how long the pages of clinicians and admins take with
 * 100,000 flags and their mails stored, on a stack of its own with the real processes. {@code ./calciwatch bench flags}
 * runs it: {@code <project directory>}, and {@code --smoke} for a few of each only, which show that everything works and
 * no times.
 */
public final class FlagBenchmark {

    /** Of the median, on a machine that does nothing else. */
    private static final double MOST_MILLIS = 100;

    private static final int FLAGS = 100_000;
    private static final int SMOKE_FLAGS = 1000;

    /** Until the service has compiled what it uses all the time. */
    private static final int WARM_UP = 100;

    private static final int MAILS = 100;
    private static final int REQUESTS = 100;
    private static final int SMOKE = 3;
    private static final int MOST_LOOKS = 600;

    /** Comes from the same service over the same connection, and nothing is computed for it. */
    private static final String PAGE_FLOOR = "/assets/inbox.css";

    private static final String ADMIN_PAGE = "/admin";

    private static final Path DIRECTORY = Path.of("target");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalStack stack;
    private final PrintStream out;
    private final Visit intake;
    private final Visit clinician;
    private final Visit admin;
    private final Connection notifications;

    private FlagBenchmark(LocalStack stack, PrintStream out) throws SQLException {
        this.stack = stack;
        this.out = out;
        intake = new Visit(URI.create("http://localhost:" + stack.ports().intake()));
        clinician = new Visit(URI.create("http://localhost:" + stack.ports().notification()));
        admin = new Visit(URI.create("http://localhost:" + stack.ports().notification()));
        notifications = DriverManager.getConnection(
                stack.jdbcUrl("notification"), "notification", stack.databasePassword("notification"));
    }

    /** Starts a stack, measures and prints. Times depend on the machine, so a slow one is no failure. */
    public static void main(String[] arguments) throws Exception {
        WholeStack.with("flags", arguments, (stack, isSmoke) -> new FlagBenchmark(stack, System.out).run(isSmoke));
    }

    private void run(boolean isSmoke) throws IOException, InterruptedException, SQLException {
        int warmUp = isSmoke ? 0 : WARM_UP;
        int count = isSmoke ? SMOKE : MAILS;
        out.printf("Flagging %d patients, one after the other%n", warmUp + count);
        for (int i = 0; i < warmUp + count; i++) {
            flag(i);
        }
        double mail = mailMillis(count);
        double mailFloor = smtpMillis(warmUp, count);

        int flags = isSmoke ? SMOKE_FLAGS : FLAGS;
        out.printf("Storing %d flags and their mails%n", flags);
        fill(flags);
        clinician.logIn("/inbox", "clinician1");
        admin.logIn(ADMIN_PAGE, "admin1");
        var pages = pages();
        var paths = new ArrayList<>(pages.values());
        paths.add(PAGE_FLOOR);
        if (!isSmoke) {
            clinician.times(paths, REQUESTS);
            admin.times(List.of(ADMIN_PAGE), REQUESTS);
        }
        var times = new TreeMap<>(clinician.times(paths, isSmoke ? SMOKE : REQUESTS));
        times.putAll(admin.times(List.of(ADMIN_PAGE), isSmoke ? SMOKE : REQUESTS));
        pages.put("admin", ADMIN_PAGE);
        double pageFloor = Objects.requireNonNull(times.get(PAGE_FLOOR));

        out.printf(Locale.ROOT, "Limit of each: %.0f ms at the median%n", MOST_MILLIS);
        out.printf("%-44s %9s %9s %8s %7s%n", "", "ms", "floor", "ratio", "fast");
        print("flag stored to mail accepted", mail, mailFloor);
        pages.forEach((name, path) -> print(name, Objects.requireNonNull(times.get(path)), pageFloor));
        write(flags, mail, mailFloor, pageFloor, pages, times);
    }

    private void print(String name, double millis, double floor) {
        out.printf(
                Locale.ROOT,
                "%-44s %9.1f %9.1f %8.1f %7s%n",
                name,
                millis,
                floor,
                millis / floor,
                millis <= MOST_MILLIS ? "yes" : "no");
    }

    private void write(
            int flags,
            double mail,
            double mailFloor,
            double pageFloor,
            Map<String, String> pages,
            Map<String, Double> times)
            throws IOException {
        var all = JSON.createObjectNode()
                .put("flags", flags)
                .put("limitMillis", MOST_MILLIS)
                .put("mailMedianMillis", mail)
                .put("mailFloorMillis", mailFloor)
                .put("pageFloorMillis", pageFloor);
        var medians = all.putObject("pageMedianMillis");
        pages.forEach((name, path) -> medians.put(name, times.get(path)));
        Files.createDirectories(DIRECTORY);
        var file = DIRECTORY.resolve("flags.json");
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), all);
        out.printf("All figures: %s%n", file);
    }

    /** Has a patient flagged, and waits until the mail about it was sent. */
    private void flag(int number) throws IOException, InterruptedException, SQLException {
        var patient = "BENCH-" + number;
        var body = """
                {"resourceType": "QuestionnaireResponse", "status": "completed",
                 "questionnaire": "https://calciwatch.org/fhir/Questionnaire/calcification-risk",
                 "subject": {"reference": "Patient/%s"},
                 "item": [
                   {"linkId": "symptoms", "answer": [{"valueCoding": {"code": "none"}}]},
                   {"linkId": "consent", "answer": [{"valueCoding": {"code": "v1"}}]},
                   {"linkId": "age_years", "answer": [{"valueInteger": 68}]},
                   {"linkId": "ckd_reported", "answer": [{"valueCoding": {"code": "G3b"}}]},
                   {"linkId": "vitd25", "answer": [{"valueQuantity":
                     {"value": 180, "system": "http://unitsofmeasure.org", "code": "nmol/L"}}]},
                   {"linkId": "mg", "answer": [{"valueQuantity":
                     {"value": 0.62, "system": "http://unitsofmeasure.org", "code": "mmol/L"}}]}]}
                """.formatted(patient);
        var answer = intake.send(intake.request("/fhir/QuestionnaireResponse")
                .header("Authorization", "Bearer " + stack.tokens().integration())
                .header("Content-Type", "application/fhir+json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
        if (answer.status() != 201) {
            throw new IOException("No submission was stored (" + answer.status() + "): " + answer.text());
        }
        for (int looks = 0; !isMailed(patient); looks++) {
            if (looks == MOST_LOOKS) {
                throw new IOException("No mail about patient " + patient + " is sent.");
            }
            // Seldom enough to leave the database to the service.
            Thread.sleep(50);
        }
    }

    private boolean isMailed(String patient) throws SQLException {
        try (var query = notifications.prepareStatement("""
                select 1 from flag join delivery on flag_id = flag.id
                where patient_id = ? and delivery.status = 'SENT'""")) {
            query.setString(1, patient);
            try (var found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    /** The median from the time in a flag to the time at which its mail had been accepted, of the last flags. */
    private double mailMillis(int count) throws SQLException {
        try (var query = notifications.prepareStatement("""
                select extract(epoch from min(at) - opened_at) * 1e9
                from flag join delivery on flag_id = flag.id join delivery_attempt on delivery_id = delivery.id
                where step = 'opened' and delivery_attempt.outcome = 'SENT' and patient_id like 'BENCH-%'
                group by flag.id order by opened_at desc limit ?""")) {
            query.setInt(1, count);
            var nanos = new ArrayList<Long>();
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    nanos.add(rows.getLong(1));
                }
            }
            return Medians.ofNanos(nanos.stream().mapToLong(Long::longValue).toArray());
        }
    }

    /** The median of handing a mail of the same size to the same server, each over a connection of its own. */
    private double smtpMillis(int warmUp, int count) throws IOException {
        var mail = ("x".repeat(76) + "\r\n").repeat(120);
        var nanos = new long[count];
        for (int i = -warmUp; i < count; i++) {
            long begin = System.nanoTime();
            hand(mail);
            if (i >= 0) {
                nanos[i] = System.nanoTime() - begin;
            }
        }
        return Medians.ofNanos(nanos);
    }

    private void hand(String mail) throws IOException {
        try (var socket = new Socket(
                        InetAddress.getLoopbackAddress(), stack.ports().smtp());
                var answers =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            expect("220", answers);
            var lines = List.of(
                    "EHLO localhost",
                    "MAIL FROM:<floor@calciwatch.example>",
                    "RCPT TO:<floor@calciwatch.example>",
                    "DATA",
                    "Subject: floor\r\n\r\n" + mail + ".",
                    "QUIT");
            for (var line : lines) {
                socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
                expect(line.equals("DATA") ? "354" : line.equals("QUIT") ? "221" : "250", answers);
            }
        }
    }

    private static void expect(String code, BufferedReader answers) throws IOException {
        String line;
        do {
            line = answers.readLine();
            if (line == null || !line.startsWith(code)) {
                throw new IOException("The mail server answers \"" + line + "\"; right would be " + code + ".");
            }
        } while (line.startsWith("-", code.length()));
    }

    /**
     * Copies a flag until there are enough, one in ten of them not closed, and its mail for each. Their times lie in the
     * past, and nothing is due of them. One mail in a thousand reached nobody, which is far more than a clinic should have.
     */
    private void fill(int enough) throws SQLException {
        copy(
                "flag",
                "generate_series(1, %d) n, (select * from flag limit 1) model".formatted(enough),
                Map.of(
                        "id", "gen_random_uuid()",
                        "reference", "'COPY-' || n",
                        "patient_id", "'COPY-' || n",
                        "search_text", "search_text || ' copy-' || n",
                        "severity",
                                "case when n % 50 = 0 then 'EMERGENCY' when n % 7 = 0 then 'URGENT_SAME_DAY' else 'CLINICIAN_REVIEW' end",
                        "status", "case when n % 10 = 0 then 'OPEN' else 'CLOSED' end",
                        "outcome", "case when n % 10 = 0 then null else 'CONTACTED' end",
                        "opened_at", "opened_at - n * interval '1 minute'",
                        "due_at", "null"));
        copy(
                "delivery",
                """
                (select row_number() over () n, id as of_flag, opened_at from flag where patient_id like 'COPY-%') copies,
                (select * from delivery where status = 'SENT' and step = 'opened' limit 1) model""",
                Map.of(
                        "id", "gen_random_uuid()",
                        "flag_id", "of_flag",
                        "message_id", "'<copy-' || n || '@calciwatch.example>'",
                        "status", "case when n % 1000 = 0 then 'FAILED' else 'SENT' end",
                        "failed", "case when n % 1000 = 0 then recipients else failed end",
                        "reached", "case when n % 1000 = 0 then '{}' else reached end",
                        "created_at", "opened_at"));
    }

    /**
     * Copies rows of a table.
     *
     * @param from the rows, one of which, called model, gives what is not in the values
     */
    private void copy(String table, String from, Map<String, String> different) throws SQLException {
        var values = new TreeMap<>(different);
        try (var statement = notifications.createStatement()) {
            try (var columns = statement.executeQuery("""
                    select column_name from information_schema.columns
                    where table_name = '%s' and is_generated = 'NEVER'""".formatted(table))) {
                while (columns.next()) {
                    values.putIfAbsent(columns.getString(1), "model." + columns.getString(1));
                }
            }
            statement.executeUpdate("insert into %s (%s) select %s from %s"
                    .formatted(table, String.join(", ", values.keySet()), String.join(", ", values.values()), from));
            statement.execute("analyze " + table);
        }
    }

    private Map<String, String> pages() throws SQLException {
        try (var statement = notifications.createStatement();
                var flag = statement.executeQuery("select id from flag where patient_id = 'BENCH-0'")) {
            flag.next();
            var one = "/inbox/" + flag.getString(1);
            var pages = new TreeMap<String, String>();
            pages.put("inbox", "/inbox");
            pages.put("inbox, closed flags", "/inbox?status=CLOSED");
            pages.put("inbox, search with few matches", "/inbox?status=CLOSED&q=copy-4711");
            pages.put("inbox, search with many matches", "/inbox?status=CLOSED&q=copy");
            pages.put("flag", one);
            pages.put("flag, PDF", one + "/flag.pdf");
            pages.put("overview", "/inbox/overview");
            return pages;
        }
    }
}
