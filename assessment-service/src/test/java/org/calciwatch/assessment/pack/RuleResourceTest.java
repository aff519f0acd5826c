package org.calciwatch.assessment.pack;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import org.calciwatch.assessment.rules.Rule;
import org.calciwatch.stack.LocalStackResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class RuleResourceTest {

    @Inject
    RulePacks packs;

    @Test
    void the_rules_are_paged_in_knowledge_base_order() {
        var ids = new ArrayList<String>();
        for (@Nullable String next = "/rules?limit=25"; next != null; ) {
            var page = given().get(next).then().statusCode(200).extract().jsonPath();
            assertThat(page.getString("rulePack.digest"))
                    .isEqualTo(packs.active().digest());
            ids.addAll(page.getList("items.id"));
            next = page.getString("next");
        }
        assertThat(ids)
                .hasSize(59)
                .isEqualTo(packs.active().rules().stream().map(Rule::id).toList());
    }

    @Test
    void a_rule_shows_its_condition_thresholds_texts_and_references() {
        given().get("/rules/high-vitd-low-mg-ckd")
                .then()
                .statusCode(200)
                .body("id", equalTo("high-vitd-low-mg-ckd"))
                .body("severity", equalTo("CLINICIAN_REVIEW"))
                .body("condition", startsWith("\"CKD_ANY\" and"))
                .body("thresholds.find { it.name == 'Magnesium, lower limit' }.value", equalTo(1.7f))
                .body("thresholds.find { it.name == 'Magnesium, lower limit' }.unit", equalTo("mg/dL"))
                .body("patientMessage", notNullValue())
                .body("clinicianMessage", notNullValue())
                .body("references", hasSize(9))
                .body("translations.es.title", startsWith("Vitamina D alta"))
                .body("rulePack.id", equalTo("calcification-risk"))
                .body("rulePack.version", equalTo("1.0.0"));
    }

    @Test
    void wrong_requests_are_told_so() {
        given().get("/rules/no-such-rule").then().statusCode(404).contentType("application/problem+json");
        given().get("/rules?cursor=no-such-rule").then().statusCode(400);
        given().get("/rules?limit=201").then().statusCode(400);
    }
}
