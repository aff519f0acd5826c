package org.calciwatch.intake.history;

import java.util.List;
import org.calciwatch.pages.Chart;
import org.jspecify.annotations.Nullable;

/**
 * How the result of one test moved over time.
 *
 * @param title the test's name
 * @param usual what laboratories usually report; null where there is no such range
 * @param rows the values, the oldest first
 */
record Series(String title, @Nullable Usual usual, Chart chart, List<Row> rows) {

    /**
     * A range in words, with the unit; empty on the side where it is open.
     */
    record Usual(String low, String high) {}

    /**
     * One value.
     *
     * @param day when the sample was taken, else when the answers were given
     * @param value in the unit all are compared in
     * @param entered as the patient entered it
     */
    record Row(String day, String value, String entered) {}
}
