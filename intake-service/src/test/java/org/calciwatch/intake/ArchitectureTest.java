package org.calciwatch.intake;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.calciwatch.intake", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("org.calciwatch.intake.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule only_repositories_touch_panache = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Repository")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus.hibernate.orm.panache..", "jakarta.persistence.criteria..");

    @ArchTest
    static final ArchRule only_repositories_hold_an_entity_manager = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Repository")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("jakarta.persistence.EntityManager");

    @ArchTest
    static final ArchRule the_questionnaire_knows_nothing_of_storage_or_events = noClasses()
            .that()
            .resideInAPackage("..questionnaire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.persistence..", "org.calciwatch.events..", "org.apache.kafka..");

    @ArchTest
    static final ArchRule output_goes_to_the_log = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
}
