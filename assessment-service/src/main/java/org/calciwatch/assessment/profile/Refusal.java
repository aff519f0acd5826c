package org.calciwatch.assessment.profile;

/**
 * One reason why answers cannot be assessed at all.
 *
 * @param input the linkId concerned
 * @param message what was wrong and what would be right; quotes no answer
 */
public record Refusal(String input, String message) {}
