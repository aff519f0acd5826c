package org.calciwatch.notification;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.calciwatch.notification", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("org.calciwatch.notification.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule mails_know_nothing_of_the_flag_that_caused_them = noClasses()
            .that()
            .resideInAPackage("..notification.delivery..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..notification.flag..");

    @ArchTest
    static final ArchRule only_repositories_touch_panache = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Repository")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus.hibernate.orm.panache..", "io.quarkus.panache..");
}
