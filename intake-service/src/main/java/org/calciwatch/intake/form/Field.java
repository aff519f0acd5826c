package org.calciwatch.intake.form;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.calciwatch.intake.questionnaire.Question;
import org.jspecify.annotations.Nullable;

/**
 * A question on a page as it is shown: with what was typed, right or wrong, and what is to be said about it.
 *
 * @param chosen codes that are ticked
 * @param typed number or date as typed
 * @param unit UCUM code chosen for the number; empty when none was
 * @param units the units to choose from, each once for people
 * @param usual what laboratories usually report, for people; empty where there is nothing to say
 * @param error what must be mended before it can be saved
 * @param doubt what the patient should look at again; saved all the same
 * @param elsewhere what was answered meanwhile on another device
 * @param fields those of its own items
 */
record Field(
        Question question,
        List<String> chosen,
        String typed,
        String unit,
        Map<String, String> units,
        String usual,
        Optional<Problem> error,
        Optional<Doubt> doubt,
        Optional<String> elsewhere,
        List<Field> fields) {

    /** What is wrong with an entry. */
    enum Problem {
        NOT_A_NUMBER,
        AMBIGUOUS,
        BOUND,
        NO_UNIT,
        NO_RESULT,
        NOT_WHOLE,
        OUT_OF_RANGE,
        NOT_A_DATE,
        IN_THE_FUTURE,
        NONE_AND_OTHERS,
        NO_CHOICE,
        REQUIRED
    }

    /**
     * A number outside what can be right.
     *
     * @param sureOf value of the tick by which the patient says that it is right; another number needs another tick
     * @param otherUnit the unit in which it could be right; null when there is none
     * @param isSure whether the patient has said so
     */
    record Doubt(String sureOf, @Nullable String otherUnit, boolean isSure) {}

    public String id() {
        return question.linkId();
    }

    /** Whether the patient is still to say that the number is right. */
    public boolean isInDoubt() {
        return doubt.filter(found -> !found.isSure()).isPresent();
    }

    /** Id of the control in which the error is mended. */
    public String wrongControl() {
        return isWithoutUnit() ? id() + "-unit" : id();
    }

    /** Whether only the unit is missing. */
    public boolean isWithoutUnit() {
        return error.filter(Problem.NO_UNIT::equals).isPresent();
    }

    /** The chosen unit for people. */
    public String unitName() {
        return question.options().getOrDefault(unit, unit);
    }

    /** Type of the date input: a month or a year alone, from elsewhere, would not fit into one for dates. */
    public String dateType() {
        return typed.isEmpty() || typed.length() == 10 ? "date" : "text";
    }
}
