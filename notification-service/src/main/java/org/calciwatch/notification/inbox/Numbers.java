package org.calciwatch.notification.inbox;

import java.math.BigDecimal;
import org.calciwatch.events.AssessmentCompleted.ReferenceRange;
import org.calciwatch.notification.delivery.Words;
import org.calciwatch.pages.Localised;
import org.jspecify.annotations.Nullable;

/** How pages write amounts. */
final class Numbers {

    /** A double's range; a number beyond it is shown as written, not spread over the page. */
    private static final int LARGEST_EXPONENT = 308;

    private Numbers() {}

    static boolean isOrdinary(BigDecimal number) {
        return Math.abs((long) number.scale()) <= LARGEST_EXPONENT && Double.isFinite(number.doubleValue());
    }

    static String amount(BigDecimal number, @Nullable String unit, Localised localised) {
        var text = isOrdinary(number) ? localised.number(number) : number.toString();
        return Words.clean(unit == null ? text : text + " " + Words.unit(unit));
    }

    /** The limits with a dash between, or the one there is behind a sign; empty when there is none. */
    static String range(@Nullable ReferenceRange range, @Nullable String unit, Localised localised) {
        if (range == null) {
            return "";
        }
        var low = range.low();
        var high = range.high();
        if (low == null) {
            return high == null ? "" : "≤ " + amount(high, unit, localised);
        }
        return high == null
                ? "≥ " + amount(low, unit, localised)
                : amount(low, null, localised) + " – " + amount(high, unit, localised);
    }
}
