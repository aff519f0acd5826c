package org.calciwatch.intake.questionnaire;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A number with its unit.
 *
 * @param unit UCUM code; null when it has none
 */
public record Amount(BigDecimal value, @Nullable String unit) {}
