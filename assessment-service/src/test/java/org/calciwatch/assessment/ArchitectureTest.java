package org.calciwatch.assessment;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import org.calciwatch.assessment.rules.RulesCommand;

@AnalyzeClasses(packages = "org.calciwatch.assessment", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("org.calciwatch.assessment.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule rules_and_profile_know_no_framework = noClasses()
            .that()
            .resideInAnyPackage("..assessment.rules..", "..assessment.profile..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "jakarta..",
                    "io.quarkus..",
                    "io.smallrye..",
                    "org.hibernate..",
                    "org.apache.kafka..",
                    "org.eclipse.microprofile..",
                    "org.calciwatch.events..",
                    "org.calciwatch.http..");

    @ArchTest
    static final ArchRule profile_knows_no_rules = noClasses()
            .that()
            .resideInAPackage("..assessment.profile..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..assessment.rules..", "org.cqframework..", "org.opencds..", "org.hl7..");

    @ArchTest
    static final ArchRule only_repositories_touch_panache = noClasses()
            .that()
            .areNotAssignableTo(PanacheRepositoryBase.class)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.quarkus.hibernate.orm.panache..");

    @ArchTest
    static final ArchRule nothing_but_the_command_line_writes_past_the_log =
            noClasses().that().doNotBelongToAnyOf(RulesCommand.class).should(ACCESS_STANDARD_STREAMS);
}
