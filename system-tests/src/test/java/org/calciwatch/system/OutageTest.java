package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WholeStack.class)
class OutageTest {

    private static final int SUBMISSIONS = 20;

    private final LocalStack stack;
    private final Clinic clinic;

    OutageTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void submissions_that_arrive_while_the_broker_is_down_are_all_assessed_once_it_is_back() {
        stack.kafka().kill();
        Map<String, String> submissions;
        try {
            submissions = submitMany();
            await().atMost(SOON)
                    .untilAsserted(() ->
                            given().get(clinic.intake("/q/health/ready")).then().statusCode(503));
        } finally {
            stack.kafka().start();
        }
        stack.kafka().awaitReady();
        everyoneIsServed(submissions);
        stack.intake().awaitReady();
    }

    @Test
    void submissions_accepted_before_a_service_is_killed_are_all_assessed_once_it_is_back() {
        stack.assessment().kill();
        Map<String, String> submissions;
        try {
            submissions = submitMany();
        } finally {
            stack.assessment().start();
        }
        stack.notification().kill();
        stack.notification().start();
        stack.intake().kill();
        stack.intake().start();
        stack.intake().awaitReady();
        stack.assessment().awaitReady();
        stack.notification().awaitReady();
        everyoneIsServed(submissions);
    }

    @Test
    void what_is_stored_survives_the_death_of_the_database() {
        var patient = Clinic.newPatient();
        var submission = clinic.submit(Clinic.headlinePatient(patient));
        stack.postgres().kill();
        stack.postgres().start();
        stack.postgres().awaitReady();
        everyoneIsServed(Map.of(patient, submission));
    }

    private Map<String, String> submitMany() {
        var submissions = new LinkedHashMap<String, String>();
        for (int i = 0; i < SUBMISSIONS; i++) {
            var patient = Clinic.newPatient();
            submissions.put(patient, clinic.submit(Clinic.headlinePatient(patient)));
        }
        return submissions;
    }

    private void everyoneIsServed(Map<String, String> submissions) {
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            var subjects = clinic.subjects();
            assertThat(submissions).allSatisfy((patient, submission) -> {
                assertThat(clinic.assessments(submission).getList("items.submissionVersion"))
                        .isEqualTo(List.of(1));
                var flags = clinic.flags(patient);
                assertThat(flags.getList("items")).hasSize(1);
                assertThat(clinic.deliveries(flags.getString("items[0].id")).getList("items.status"))
                        .isEqualTo(List.of("SENT"));
                assertThat(subjects).anyMatch(subject -> subject.contains(flags.getString("items[0].reference")));
                clinic.asIntegration()
                        .get(clinic.intake("/submissions/" + submission + "/result"))
                        .then()
                        .statusCode(200);
            });
        });
    }
}
