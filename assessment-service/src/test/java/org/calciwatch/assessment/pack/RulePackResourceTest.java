package org.calciwatch.assessment.pack;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.assessment.EditedPack.CQL;
import static org.calciwatch.assessment.EditedPack.SHIPPED;
import static org.calciwatch.assessment.EditedPack.YAML;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.calciwatch.assessment.EditedPack;
import org.calciwatch.assessment.Responses;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation;
import org.calciwatch.assessment.rules.PackFiles;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class RulePackResourceTest {

    /** Below the usual limit of 1.7 it is not, below a limit of 1.8 it is. */
    private static final String MAGNESIUM = "1.75";

    @Inject
    RulePacks packs;

    @Inject
    ShippedPack shipped;

    @Inject
    StoredPacks stored;

    @Inject
    Activations activations;

    @Inject
    DataSource database;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.flyway.username")
    String owner;

    @ConfigProperty(name = "quarkus.flyway.password")
    String ownerPassword;

    @AfterEach
    void back_to_the_pack_that_ships() {
        activate(SHIPPED).statusCode(200);
    }

    @Test
    void the_pack_that_ships_is_stored_and_active_from_the_start() {
        given().get("/rule-packs/" + SHIPPED)
                .then()
                .statusCode(200)
                .body("id", equalTo("calcification-risk"))
                .body("version", equalTo(SHIPPED))
                .body("digest", startsWith("sha256:"))
                .body("active", equalTo(true))
                .body("uploadedAt", notNullValue())
                .body("uploadedBy", equalTo("calciwatch"))
                .body("activatedAt", notNullValue());
        given().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("checks.find { it.name == 'Rule pack' }.data.version", equalTo(SHIPPED));
    }

    @Test
    void a_changed_threshold_is_stored_then_active_then_rolled_back() throws IOException {
        var digest = upload(EditedPack.version("1.1.0").higherMagnesiumLimit())
                .statusCode(201)
                .header("Location", endsWith("/rule-packs/1.1.0"))
                .body("version", equalTo("1.1.0"))
                .body("active", equalTo(false))
                .body("uploadedBy", equalTo("staff"))
                .body("activatedAt", nullValue())
                .extract()
                .<String>path("digest");
        evaluate()
                .statusCode(200)
                .body("fired.ruleId", not(hasItem("mg-low")))
                .body("rulePack.version", equalTo(SHIPPED));

        activate("1.1.0").statusCode(200).body("active", equalTo(true)).body("activatedAt", notNullValue());
        evaluate()
                .statusCode(200)
                .body("fired.ruleId", hasItem("mg-low"))
                .body("rulePack.version", equalTo("1.1.0"))
                .body("rulePack.digest", equalTo(digest));
        given().get("/rules/mg-low")
                .then()
                .body("rulePack.version", equalTo("1.1.0"))
                .body("thresholds.find { it.name == 'Magnesium, lower limit' }.value", equalTo(1.8f));

        activate(SHIPPED).statusCode(200).body("active", equalTo(true));
        evaluate()
                .statusCode(200)
                .body("fired.ruleId", not(hasItem("mg-low")))
                .body("rulePack.version", equalTo(SHIPPED));
        given().get("/rule-packs/1.1.0").then().body("active", equalTo(false)).body("activatedAt", notNullValue());
        given().get("/rule-packs/activations")
                .then()
                .statusCode(200)
                .body("items[0].version", equalTo(SHIPPED))
                .body("items[1].version", equalTo("1.1.0"))
                .body("items[1].activatedBy", equalTo("staff"))
                .body("items[1].activatedAt", notNullValue());
    }

    @Test
    void a_change_that_cannot_be_recorded_in_the_audit_trail_does_not_happen() throws Exception {
        var pack = EditedPack.version("1.15.0");
        asOwner("ALTER TABLE audit_event RENAME TO audit_event_away");
        try {
            upload(pack).statusCode(503);
        } finally {
            asOwner("ALTER TABLE audit_event_away RENAME TO audit_event");
        }
        given().get("/rule-packs/1.15.0").then().statusCode(404);

        upload(pack).statusCode(201);
        asOwner("ALTER TABLE audit_event RENAME TO audit_event_away");
        try {
            activate("1.15.0").statusCode(503);
        } finally {
            asOwner("ALTER TABLE audit_event_away RENAME TO audit_event");
        }
        assertThat(packs.active().version()).isEqualTo(SHIPPED);

        activate("1.15.0").statusCode(200);
        for (var what : List.of("POST /rule-packs", "POST /rule-packs/{version}/activate")) {
            given().get("/fhir/AuditEvent?_count=200")
                    .then()
                    .body(
                            "entry.resource.findAll { it.outcome == '0' && it.entity*.name.contains('" + what
                                    + "') && it.entity*.what*.reference.contains('rule-packs/1.15.0') }",
                            hasSize(1));
        }
    }

    @Test
    void an_evaluation_that_runs_keeps_the_pack_it_began_with() throws IOException {
        upload(EditedPack.version("1.2.0").higherMagnesiumLimit()).statusCode(201);
        var begun = packs.active();
        activate("1.2.0").statusCode(200);

        assertThat(begun.version()).isEqualTo(SHIPPED);
        assertThat(fired(begun)).doesNotContain("mg-low");
        assertThat(fired(packs.active())).contains("mg-low");
    }

    @Test
    void a_pack_with_several_problems_is_refused_as_a_whole_with_file_and_line_of_each() throws IOException {
        upload(EditedPack.version("1.3.0")
                        .change(CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 0.70 'mmol/L'")
                        .change(
                                CQL,
                                "parameter \"Digoxin\" Boolean",
                                "parameter \"Digoxin\" Boolean\nparameter \"Blood group\" String")
                        .change(YAML, "references: [10, 18, 28, 30, 31]", "references: [10, 99]"))
                .statusCode(422)
                .contentType("application/problem+json")
                .body("problems", hasSize(6))
                .body("problems.file", hasItems(CQL, YAML))
                .body("problems.line", everyItem(greaterThan(1)))
                .body("problems.message", hasItem(containsString("\"mg-low\": compares an amount in 'mg/dL'")))
                .body("problems.message", hasItem(containsString("no input is called \"Blood group\"")))
                .body("problems.message", hasItem(containsString("cites 99")));
        given().get("/rule-packs/1.3.0").then().statusCode(404);
        evaluate().statusCode(200).body("rulePack.version", equalTo(SHIPPED));
    }

    @Test
    void a_pack_whose_worked_patients_come_out_otherwise_is_refused() throws IOException {
        upload(EditedPack.version("1.3.1").change(CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 2.5 'mg/dL'"))
                .statusCode(422)
                .body("problems.file", everyItem(equalTo("cases.json")))
                .body("problems.line", everyItem(greaterThan(1)))
                .body("problems[0].message", containsString("fired has"));
    }

    @Test
    void the_same_pack_again_is_no_error_but_another_content_under_the_same_version_is() throws IOException {
        var pack = EditedPack.version("1.4.0");
        upload(pack).statusCode(201);
        upload(pack).statusCode(200).header("Location", endsWith("/rule-packs/1.4.0"));
        upload(pack.higherMagnesiumLimit())
                .statusCode(409)
                .contentType("application/problem+json")
                .body("detail", containsString("give this one a new version"));
        upload(EditedPack.version(SHIPPED).higherMagnesiumLimit()).statusCode(409);
    }

    @Test
    void an_archive_can_be_taken_edited_and_uploaded_again() throws IOException {
        var archive = given().accept("application/zip")
                .get("/rule-packs/" + SHIPPED)
                .then()
                .statusCode(200)
                .contentType("application/zip")
                .header("Content-Disposition", containsString("calcification-risk-1.0.0.zip"))
                .extract()
                .asByteArray();
        upload(archive).statusCode(200);
        upload(EditedPack.unzip(archive)
                        .change(CQL, "'1.0.0'", "'1.5.0'")
                        .change(YAML, "version: 1.0.0", "version: 1.5.0"))
                .statusCode(201);
    }

    @Test
    void what_is_no_rule_pack_is_refused() throws IOException {
        upload("hello".getBytes(UTF_8)).statusCode(422).body("problems", not(hasSize(0)));
        upload(new byte[0]).statusCode(422);
        upload(EditedPack.version("1.6.0").without("cases.json"))
                .statusCode(422)
                .body("problems.file", equalTo(List.of("cases.json")))
                .body("problems.message", equalTo(List.of("the file is missing")));
        upload(EditedPack.version("1.6.0").file("readme.txt", "hello"))
                .statusCode(422)
                .body("problems.file", equalTo(List.of("readme.txt")));
        // Small as an archive, large unpacked.
        upload(EditedPack.version("1.6.0").file("references.yaml", " ".repeat(50_000_000)))
                .statusCode(422)
                .body("problems[0].message", containsString("larger than"));
        upload(new byte[4 * 1024 * 1024 + 1]).statusCode(413).contentType("application/problem+json");
        given().contentType("application/json")
                .body("{}")
                .post("/rule-packs")
                .then()
                .statusCode(415);
    }

    @Test
    void a_pack_of_another_kind_is_refused() throws IOException {
        upload(EditedPack.version("1.6.1").change(YAML, "id: calcification-risk", "id: heart-risk"))
                .statusCode(422)
                .body("problems[0].message", containsString("heart-risk"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"activations", "1.0/../2", "1.0 b", "v1"})
    void a_version_that_cannot_stand_in_a_url_is_refused(String version) throws IOException {
        upload(EditedPack.version(version)).statusCode(422).body("problems[0].message", containsString("version"));
    }

    @Test
    void an_unknown_version_is_not_found() {
        given().get("/rule-packs/9.9.9").then().statusCode(404).contentType("application/problem+json");
        given().accept("application/zip").get("/rule-packs/9.9.9").then().statusCode(404);
        activate("9.9.9").statusCode(404);
        given().urlEncodingEnabled(false).get("/rule-packs/%00").then().statusCode(400);
    }

    @Test
    void activating_the_active_pack_changes_nothing() {
        var before = activations.count();
        activate(SHIPPED).statusCode(200).body("active", equalTo(true));
        assertThat(activations.count()).isEqualTo(before);
    }

    @Test
    void the_lists_are_paged_newest_first() throws IOException {
        upload(EditedPack.version("1.7.0")).statusCode(201);
        upload(EditedPack.version("1.7.1")).statusCode(201);
        given().get("/rule-packs?limit=2").then().body("items.version", equalTo(List.of("1.7.1", "1.7.0")));
        assertThat(all("/rule-packs?limit=2", "version"))
                .doesNotHaveDuplicates()
                .contains("1.7.1", "1.7.0", SHIPPED);
        activate("1.7.0").statusCode(200);
        activate("1.7.1").statusCode(200);
        assertThat(all("/rule-packs/activations?limit=1", "version")).startsWith("1.7.1", "1.7.0");
        given().get("/rule-packs?cursor=x").then().statusCode(400);
        given().get("/rule-packs?limit=0").then().statusCode(400);
    }

    @Test
    void a_restart_keeps_the_active_pack() throws IOException {
        upload(EditedPack.version("1.8.0")).statusCode(201);
        activate("1.8.0").statusCode(200);
        var before = activations.count();

        shipped.store(PackFiles.bundled(RulePack.ID, SHIPPED));

        assertThat(packs.active().version()).isEqualTo("1.8.0");
        assertThat(activations.count()).isEqualTo(before);
    }

    @Test
    void a_shipped_pack_never_replaces_what_is_stored_under_its_version() throws IOException {
        var before = packs.active().digest();

        shipped.store(PackFiles.unzip(
                EditedPack.version(SHIPPED).higherMagnesiumLimit().zip()));

        assertThat(packs.active().digest()).isEqualTo(before);
        given().get("/rule-packs/" + SHIPPED).then().body("digest", equalTo(before));
    }

    @Test
    void two_instances_that_start_at_once_agree() throws Exception {
        run("delete from rule_pack_activation; delete from rule_pack");
        List<Future<?>> starts = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                starts.add(threads.submit(() -> shipped.store(PackFiles.bundled(RulePack.ID, SHIPPED))));
            }
        }
        for (var start : starts) {
            start.get();
        }
        assertThat(packs.active().version()).isEqualTo(SHIPPED);
        assertThat(stored.count()).isOne();
        assertThat(activations.count()).isOne();
    }

    @Test
    void concurrent_activations_of_one_version_are_one() throws IOException, ExecutionException, InterruptedException {
        upload(EditedPack.version("1.9.0")).statusCode(201);
        var before = activations.count();
        List<Future<?>> clicks = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                clicks.add(threads.submit(() -> activate("1.9.0").statusCode(200)));
            }
        }
        for (var click : clicks) {
            click.get();
        }
        assertThat(activations.count()).isEqualTo(before + 1);
    }

    @Test
    void an_active_pack_that_no_longer_passes_is_never_replaced_silently() throws IOException {
        var broken = PackFiles.unzip(EditedPack.version("2.0.0")
                .change(CQL, "parameter \"Digoxin\" Boolean", "parameter \"Digoxin\" String")
                .zip());
        stored.add("2.0.0", broken.digest(), broken.zip(), "an older service");
        activate("2.0.0").statusCode(422).body("problems", hasSize(greaterThan(0)));
        evaluate().statusCode(200).body("rulePack.version", equalTo(SHIPPED));

        activations.activate("2.0.0", "an older service");

        given().get("/q/health/ready")
                .then()
                .statusCode(503)
                .body("checks.find { it.name == 'Rule pack' }.status", equalTo("DOWN"))
                .body("checks.find { it.name == 'Rule pack' }.data.problem", containsString("2.0.0"))
                .body("checks.find { it.name == 'Rule pack' }.data.problem", containsString("calcification-risk.cql:"))
                .body("checks.find { it.name == 'Rule pack' }.data.problem", containsString("activate"));
        evaluate().statusCode(503).contentType("application/problem+json");
        given().get("/rules").then().statusCode(503);
        given().get("/rule-packs/2.0.0").then().statusCode(200).body("active", equalTo(true));

        activate(SHIPPED).statusCode(200);
        evaluate().statusCode(200);
        given().get("/q/health/ready").then().statusCode(200);
    }

    @Test
    void a_pack_that_was_changed_in_the_database_is_not_used() throws Exception {
        upload(EditedPack.version("2.1.0")).statusCode(201);
        run("update rule_pack set archive = (select archive from rule_pack where version = '" + SHIPPED
                + "') where version = '2.1.0'");
        activate("2.1.0").statusCode(422).body("problems[0].message", containsString("digest"));
    }

    private static List<String> fired(RulePack pack) {
        var profile = Profile.of(Answers.builder()
                .age(60)
                .quantity("mg", new BigDecimal(MAGNESIUM), "mg/dL")
                .build());
        return pack.evaluate(profile).fired().stream()
                .map(Evaluation.Fired::ruleId)
                .toList();
    }

    private static List<String> all(String first, String property) {
        var found = new ArrayList<String>();
        for (String next = first; next != null; ) {
            var page = given().get(next).then().statusCode(200).extract().jsonPath();
            found.addAll(page.getList("items." + property));
            next = page.getString("next");
        }
        return found;
    }

    private void asOwner(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(url, owner, ownerPassword);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void run(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static ValidatableResponse evaluate() {
        return given().contentType("application/fhir+json")
                .body(Responses.empty()
                        .age(60)
                        .quantity("mg", MAGNESIUM, "mg/dL")
                        .json()
                        .toString())
                .post("/assessments/$evaluate")
                .then();
    }

    private static ValidatableResponse activate(String version) {
        return given().post("/rule-packs/" + version + "/activate").then();
    }

    private static ValidatableResponse upload(EditedPack pack) throws IOException {
        return upload(pack.zip());
    }

    private static ValidatableResponse upload(byte[] archive) {
        return given().contentType("application/zip")
                .body(archive)
                .post("/rule-packs")
                .then();
    }
}
