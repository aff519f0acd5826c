package org.calciwatch.intake.fhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParserErrorHandler;
import ca.uhn.fhir.parser.json.BaseJsonLikeValue.ScalarType;
import ca.uhn.fhir.parser.json.BaseJsonLikeValue.ValueType;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.jspecify.annotations.Nullable;

/**
 * The catch-all check that a QuestionnaireResponse is FHIR R4: HAPI knows every element and data type, also those the
 * questionnaire does not care for.
 */
@Startup
@Singleton
public class FhirStructure {

    private final FhirContext fhir = FhirContext.forR4();

    /** HAPI reads its model classes on first use, which takes a second or two: before the service is ready. */
    public FhirStructure() {
        fhir.newJsonParser().parseResource(QuestionnaireResponse.class, "{\"resourceType\":\"QuestionnaireResponse\"}");
    }

    /** Everything that is not FHIR R4 in the text, which must be well-formed JSON. Never quotes values or unknown names. */
    public List<Issue> problems(String questionnaireResponse) {
        var found = new Findings();
        try {
            fhir.newJsonParser()
                    .setParserErrorHandler(found)
                    .parseResource(QuestionnaireResponse.class, questionnaireResponse);
        } catch (DataFormatException | IllegalArgumentException | ClassCastException e) {
            // The parser gave up altogether; what it had found until then names the place where it can be named.
            if (found.issues.isEmpty()) {
                found.add(null, "is not a FHIR R4 QuestionnaireResponse");
            }
        }
        return found.issues;
    }

    private static class Findings implements IParserErrorHandler {
        private final List<Issue> issues = new ArrayList<>();

        private void add(@Nullable IParseLocation location, String what) {
            var element = location == null ? null : location.getParentElementName();
            var place = element == null || element.isBlank() ? "QuestionnaireResponse" : element;
            issues.add(Issue.error("structure", place + " " + what + ".", "QuestionnaireResponse"));
        }

        @Override
        public void containedResourceWithNoId(@Nullable IParseLocation location) {
            add(location, "has a contained resource without id");
        }

        @Override
        public void incorrectJsonType(
                @Nullable IParseLocation location,
                String element,
                ValueType expected,
                ScalarType expectedScalar,
                ValueType found,
                ScalarType foundScalar) {
            add(location, "has '" + element + "' of the JSON type " + found + "; right would be " + expected);
        }

        @Override
        public void invalidValue(@Nullable IParseLocation location, String value, String error) {
            add(location, "has a value that is not valid for its FHIR type");
        }

        @Override
        public void missingRequiredElement(@Nullable IParseLocation location, String element) {
            add(location, "lacks '" + element + "'");
        }

        @Override
        public void unexpectedRepeatingElement(@Nullable IParseLocation location, String element) {
            add(location, "has '" + element + "' more than once");
        }

        @Override
        public void unknownAttribute(@Nullable IParseLocation location, String attribute) {
            add(location, "has an attribute that FHIR R4 does not know there");
        }

        @Override
        public void unknownElement(@Nullable IParseLocation location, String element) {
            add(location, "has an element that FHIR R4 does not know there");
        }

        @Override
        public void unknownReference(@Nullable IParseLocation location, String reference) {
            add(location, "refers to a contained resource that is not there");
        }

        @Override
        public void extensionContainsValueAndNestedExtensions(@Nullable IParseLocation location) {
            add(location, "has an extension with both a value and extensions");
        }

        @Override
        public void invalidInternalReference(@Nullable IParseLocation location, String reference) {
            add(location, "refers to something inside that is not there");
        }
    }
}
