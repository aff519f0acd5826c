package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.mail.FetchProfile;
import jakarta.mail.Folder;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import org.calciwatch.stack.LocalStack;

/** The running system as its users see it: HTTP and a mailbox. */
final class Clinic {

    /** Much more than an idle machine needs; only a lost message takes longer. */
    static final Duration SOON = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalStack stack;
    private final Path home;

    Clinic(LocalStack stack, Path home) {
        this.stack = stack;
        this.home = home;
    }

    /** All that a service has written to its log. */
    String log(String service) {
        try {
            return Files.readString(home.resolve("logs").resolve(service + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The log of every process of the stack, by file name. */
    Map<String, String> logs() {
        try (var files = Files.list(home.resolve("logs"))) {
            var logs = new TreeMap<String, String>();
            for (var file : files.toList()) {
                logs.put(file.getFileName().toString(), Files.readString(file));
            }
            return logs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String newPatient() {
        return "T-" + UUID.randomUUID();
    }

    /** High vitamin D, low magnesium, kidney disease: the worked patient C01. */
    static ObjectNode headlinePatient(String patient) {
        try (var file = Clinic.class.getResourceAsStream("/patients/high-vitamin-d-low-magnesium-ckd.json")) {
            var response = (ObjectNode) JSON.readTree(Objects.requireNonNull(file));
            ((ObjectNode) response.get("subject")).put("reference", "Patient/" + patient);
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String intake(String path) {
        return "http://127.0.0.1:" + stack.ports().intake() + path;
    }

    String assessment(String path) {
        return "http://127.0.0.1:" + stack.ports().assessment() + path;
    }

    String notification(String path) {
        return "http://127.0.0.1:" + stack.ports().notification() + path;
    }

    /** A request as the machine client that may submit for every patient. */
    RequestSpecification asIntegration() {
        return given().headers(Callers.bearer(stack.tokens().integration()));
    }

    /** A request as one of the demo users. */
    RequestSpecification as(String user) {
        return given().headers(Callers.bearer(stack.tokens().user(user)));
    }

    /** The ETag of a submission's newest version. */
    String tag(String submission) {
        return asIntegration()
                .get(intake("/fhir/QuestionnaireResponse/" + submission))
                .header("ETag");
    }

    Response post(ObjectNode questionnaireResponse) {
        return asIntegration()
                .contentType("application/fhir+json")
                .body(questionnaireResponse.toString())
                .post(intake("/fhir/QuestionnaireResponse"));
    }

    /** Submits and returns the id of the submission. */
    String submit(ObjectNode questionnaireResponse) {
        return post(questionnaireResponse).then().statusCode(201).extract().path("id");
    }

    JsonPath result(String submission) {
        var url = intake("/submissions/" + submission + "/result");
        await().atMost(SOON).untilAsserted(() -> asIntegration().get(url).then().statusCode(200));
        return asIntegration().get(url).jsonPath();
    }

    /** Returns once the assessment service judges as fast as it does when it is in use. */
    void warmUp() {
        result(submit(headlinePatient(newPatient())));
    }

    JsonPath assessments(String submission) {
        return as("clinician1")
                .get(assessment("/assessments?submission=" + submission))
                .jsonPath();
    }

    JsonPath flags(String patient) {
        return as("clinician1").get(notification("/flags?patient=" + patient)).jsonPath();
    }

    JsonPath deliveries(String flag) {
        return as("clinician1").get(notification("/deliveries?flag=" + flag)).jsonPath();
    }

    /** The subjects of all mails that were caught. */
    List<String> subjects() {
        return given().get(stack.mailUrl() + "/api/messages").jsonPath().getList("subject");
    }

    /** The mails in a clinician's mailbox whose subject holds the text, over IMAP. */
    List<MimeMessage> mailbox(String address, String subject) {
        var settings = new Properties();
        settings.put("mail.store.protocol", "imap");
        settings.put("mail.imap.connectiontimeout", "5000");
        settings.put("mail.imap.timeout", "5000");
        try (var store = Session.getInstance(settings).getStore("imap")) {
            store.connect("127.0.0.1", stack.ports().imap(), address, "any password");
            try (var inbox = store.getFolder("INBOX")) {
                inbox.open(Folder.READ_ONLY);
                var messages = inbox.getMessages();
                var headers = new FetchProfile();
                headers.add(FetchProfile.Item.ENVELOPE);
                inbox.fetch(messages, headers);
                var found = new ArrayList<MimeMessage>();
                for (var message : messages) {
                    if (message.getSubject().contains(subject)) {
                        var copy = new ByteArrayOutputStream();
                        message.writeTo(copy);
                        found.add(new MimeMessage(
                                Session.getInstance(settings), new ByteArrayInputStream(copy.toByteArray())));
                    }
                }
                return found;
            }
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
