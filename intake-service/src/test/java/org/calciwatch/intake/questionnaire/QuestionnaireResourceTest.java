package org.calciwatch.intake.questionnaire;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.startsWith;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import io.quarkus.test.junit.QuarkusTest;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.Questionnaire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class QuestionnaireResourceTest {

    private static final String PATH = "/fhir/Questionnaire/calcification-risk";
    private static final FhirContext FHIR = FhirContext.forR4();

    private static <T extends IBaseResource> T strictly(Class<T> type, String text) {
        return FHIR.newJsonParser()
                .setParserErrorHandler(new StrictErrorHandler())
                .parseResource(type, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "es"})
    void the_questionnaire_is_fhir_r4_in_every_language(String language) {
        var questionnaire = strictly(
                Questionnaire.class, get(PATH + "?_language=" + language).asString());
        assertThat(questionnaire.getUrl()).isEqualTo("https://calciwatch.org/fhir/Questionnaire/calcification-risk");
        assertThat(questionnaire.getLanguage()).isEqualTo(language);
        assertThat(questionnaire.getItemFirstRep().getLinkId()).isEqualTo("g_symptoms");
    }

    @Test
    void the_capability_statement_is_fhir_r4_and_names_what_is_served() {
        var statement =
                strictly(CapabilityStatement.class, get("/fhir/metadata").asString());
        var responses = statement.getRestFirstRep().getResource().stream()
                .filter(resource -> resource.getType().equals("QuestionnaireResponse"))
                .findFirst()
                .orElseThrow();
        assertThat(responses.getInteraction())
                .extracting(interaction -> interaction.getCode().toCode())
                .containsExactly("create", "read", "vread", "update", "search-type");
        assertThat(responses.getSearchParam())
                .extracting(parameter -> parameter.getName())
                .containsExactly("subject", "status", "authored", "_count");
        assertThat(responses.getOperationFirstRep().getName()).isEqualTo("validate");
    }

    @ParameterizedTest
    @CsvSource({
        "'', en",
        "'*', en",
        "en-GB, en",
        "es, es",
        "es-MX, es",
        "'fr, es;q=0.8, en;q=0.5', es",
        "'de', en",
        "'%%%', en"
    })
    void the_accepted_language_picks_the_texts(String accepted, String language) {
        given().header("Accept-Language", accepted)
                .get(PATH)
                .then()
                .statusCode(200)
                .header("Content-Language", language)
                .body("language", equalTo(language));
    }

    @Test
    void the_language_parameter_overrules_the_header() {
        given().header("Accept-Language", "en")
                .get(PATH + "?_language=es")
                .then()
                .body("item[0].text", equalTo("Cómo se siente"));
    }

    @ParameterizedTest
    @ValueSource(strings = {PATH, "/fhir/metadata"})
    void what_is_the_same_for_everyone_can_be_cached(String path) {
        var answer = get(path);
        answer.then()
                .statusCode(200)
                .contentType(startsWith("application/fhir+json"))
                .header("ETag", matchesPattern("\"[0-9a-f]{32}\""))
                .header("Cache-Control", containsString("public"));
        assertThat(answer.headers().getValues("Cache-Control")).hasSize(1);
        assertThat(answer.headers().getValues("Vary").toString()).contains("Accept-Language");
        given().header("If-None-Match", answer.header("ETag"))
                .get(path)
                .then()
                .statusCode(304)
                .header("ETag", answer.header("ETag"));
        given().header("If-None-Match", "\"other\"").get(path).then().statusCode(200);
    }

    @Test
    void languages_have_etags_of_their_own() {
        assertThat(get(PATH + "?_language=es").header("ETag"))
                .isNotEqualTo(get(PATH).header("ETag"));
    }

    @Test
    void plain_json_is_given_to_who_asks_for_it() {
        given().accept("application/json").get(PATH).then().contentType(startsWith("application/json"));
        get(PATH + "?_format=application/json").then().contentType(startsWith("application/json"));
        get(PATH + "?_format=application/fhir%2Bjson").then().contentType(startsWith("application/fhir+json"));
    }

    @Test
    void another_questionnaire_is_not_found() {
        get("/fhir/Questionnaire/other")
                .then()
                .statusCode(404)
                .contentType(startsWith("application/fhir+json"))
                .body("resourceType", equalTo("OperationOutcome"));
    }
}
