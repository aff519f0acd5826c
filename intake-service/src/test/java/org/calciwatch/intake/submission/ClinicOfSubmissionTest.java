package org.calciwatch.intake.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.json;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.EventType;
import org.calciwatch.events.QuestionnaireSubmitted;
import org.calciwatch.intake.Api;
import org.calciwatch.intake.Broker;
import org.calciwatch.intake.Responses;
import org.calciwatch.stack.Login;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which clinic the events say a submission belongs to, where intake belongs to one itself. */
@QuarkusTest
@TestProfile(ClinicOfSubmissionTest.MainClinic.class)
class ClinicOfSubmissionTest {

    public static class MainClinic implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("calciwatch.clinic.id", "main");
        }
    }

    private static final String PATIENT1 = "P-0001";

    @Inject
    EventCodec codec;

    @Test
    void an_integration_names_it_as_the_author() {
        var patient = newPatient();
        var id = sent(Login.asIntegration(), author(completed(patient), "Organization/north"));
        assertThat(clinics(patient, id, 1)).containsExactly("north");
    }

    @Test
    void without_an_organization_as_the_author_it_is_the_clinic_of_the_setting() {
        var patient = newPatient();
        var id = sent(Login.asIntegration(), author(completed(patient), "Practitioner/north"));
        assertThat(clinics(patient, id, 1)).containsExactly("main");
    }

    @Test
    void a_patient_cannot_choose_it() {
        var id = sent(Login.as("patient1"), author(completed(PATIENT1), "Organization/north"));
        change(Login.as("patient1"), id, 1, author(completed(PATIENT1), "Organization/north"));
        assertThat(clinics(PATIENT1, id, 2)).containsExactly("main", "main");
    }

    @Test
    void what_a_clinic_began_and_the_patient_goes_on_with_stays_with_that_clinic() {
        var id = sent(Login.asIntegration(), author(draft(PATIENT1), "Organization/north"));
        change(Login.as("patient1"), id, 1, completed(PATIENT1));
        change(Login.as("patient1"), id, 2, author(completed(PATIENT1), "Organization/south"));
        change(Login.asIntegration(), id, 3, author(completed(PATIENT1), "Organization/east"));
        assertThat(clinics(PATIENT1, id, 3)).containsExactly("north", "north", "east");
    }

    private static Responses author(Responses response, String reference) {
        return response.with("author", Responses.json("{'reference': '%s'}".formatted(reference)));
    }

    private static String sent(RequestSpecification by, Responses response) {
        var answer = by.spec(Api.fhir()).body(response.text()).post(Api.RESPONSES);
        answer.then().statusCode(201);
        return json(answer).get("id").textValue();
    }

    private static void change(RequestSpecification by, String id, int version, Responses response) {
        by.spec(Api.fhir())
                .header("If-Match", "W/\"" + version + "\"")
                .body(response.with("id", id).text())
                .put(Api.RESPONSES + "/" + id)
                .then()
                .statusCode(200);
    }

    /** As the events of a submission say, in order. */
    private List<@Nullable String> clinics(String patient, String submission, int events) {
        Function<List<ConsumerRecord<String, byte[]>>, List<QuestionnaireSubmitted>> about = found -> found.stream()
                .map(message -> (QuestionnaireSubmitted) codec.read(message).data())
                .filter(data -> data.submissionId().equals(submission))
                .toList();
        var messages = Broker.await(
                EventType.QUESTIONNAIRE_SUBMITTED.topic(),
                patient,
                found -> about.apply(found).size() >= events);
        return about.apply(messages).stream()
                .<@Nullable String>map(QuestionnaireSubmitted::clinic)
                .toList();
    }
}
