package org.calciwatch.intake;

import static io.restassured.RestAssured.given;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.UUID;
import org.calciwatch.intake.fhir.FhirJson;

/** The intake service as its clients see it. */
public final class Api {

    public static final String RESPONSES = "/fhir/QuestionnaireResponse";

    private static final FhirJson JSON = new FhirJson();

    private Api() {}

    /** A request with a FHIR body, or with none. */
    public static RequestSpecification fhir() {
        var encoding = EncoderConfig.encoderConfig()
                .appendDefaultContentCharsetToContentTypeIfUndefined(false)
                .encodeContentTypeAs(FhirJson.MEDIA_TYPE, ContentType.TEXT);
        return given().config(RestAssuredConfig.config().encoderConfig(encoding))
                .urlEncodingEnabled(true)
                .contentType(FhirJson.MEDIA_TYPE);
    }

    public static Response post(Responses response) {
        return fhir().body(response.text()).post(RESPONSES);
    }

    public static Response put(String id, int version, Responses response) {
        return fhir().header("If-Match", "W/\"" + version + "\"")
                .body(response.with("id", id).text())
                .put(RESPONSES + "/" + id);
    }

    /** The id of a response stored now. */
    public static String stored(Responses response) {
        var answer = post(response);
        answer.then().statusCode(201);
        return json(answer).get("id").textValue();
    }

    public static ObjectNode json(Response answer) {
        return JSON.readOwn(answer.asString());
    }

    /** A patient nobody else uses. */
    public static String newPatient() {
        return "P-" + UUID.randomUUID();
    }
}
