package org.calciwatch.assessment.profile;

import static java.math.RoundingMode.HALF_UP;

import java.math.BigDecimal;

/**
 * An estimated glomerular filtration rate in mL/min/1.73 m2, a whole number.
 *
 * @param source which value it is
 */
public record Egfr(BigDecimal value, Source source) {

    public enum Source {
        COMPUTED("CKD-EPI 2021"),
        REPORTED("reported");

        private final String label;

        Source(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /**
     * CKD-EPI 2021 creatinine equation, race-free (Inker et al., N Engl J Med 2021;385:1737-1749).
     *
     * @param creatinine mg/dL, above 0
     * @param age years, 18 or more; the equation is not valid in pregnancy
     */
    public static Egfr ckdEpi2021(BigDecimal creatinine, int age, boolean female) {
        double k = female ? 0.7 : 0.9;
        double a = female ? -0.241 : -0.302;
        double ratio = creatinine.doubleValue() / k;
        double egfr = 142
                * Math.pow(Math.min(ratio, 1), a)
                * Math.pow(Math.max(ratio, 1), -1.200)
                * Math.pow(0.9938, age)
                * (female ? 1.012 : 1);
        // Nine decimals first, so that binary noise cannot move a value across a half.
        return new Egfr(BigDecimal.valueOf(egfr).setScale(9, HALF_UP).setScale(0, HALF_UP), Source.COMPUTED);
    }

    /** The GFR category of this one value; not a diagnosis. */
    public String stage() {
        int whole = value.intValue();
        if (whole >= 90) {
            return "G1";
        } else if (whole >= 60) {
            return "G2";
        } else if (whole >= 45) {
            return "G3a";
        } else if (whole >= 30) {
            return "G3b";
        } else if (whole >= 15) {
            return "G4";
        }
        return "G5";
    }
}
