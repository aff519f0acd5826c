package org.calciwatch.assessment.profile;

import java.math.BigDecimal;

/** Numbers as people read them. */
public final class Numbers {

    /** More digits than any quantity has; a number like 1e999999999 would fill the memory when written out. */
    private static final int MOST_DIGITS = 40;

    private Numbers() {}

    /** True for a number that has no sensible meaning as a quantity, whatever its unit. */
    public static boolean isAbsurd(BigDecimal number) {
        return Math.abs((long) number.precision() - number.scale()) > MOST_DIGITS
                || Math.abs((long) number.scale()) > MOST_DIGITS;
    }

    /** The digits, without an exponent where that is reasonable. */
    public static String plain(BigDecimal number) {
        return isAbsurd(number) ? number.toString() : number.toPlainString();
    }
}
