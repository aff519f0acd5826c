package org.calciwatch.assessment.rules;

import java.math.BigDecimal;
import java.util.List;

/**
 * The rule language: the part of CQL a rule pack may use. Small on purpose, so that every result can be explained. Truth
 * is three-valued (Kleene); null is unknown or missing.
 */
sealed interface Expr {

    /** The expressions this one is made of. */
    default List<Expr> parts() {
        return switch (this) {
            case And(var left, var right) -> List.of(left, right);
            case Or(var left, var right) -> List.of(left, right);
            case Not(var operand) -> List.of(operand);
            case Compare(var how, var left, var right) -> List.of(left, right);
            case IsNull(var operand) -> List.of(operand);
            case IsTrue(var operand) -> List.of(operand);
            case If(var condition, var then, var otherwise) -> List.of(condition, then, otherwise);
            case Coalesce(var operands) -> operands;
            case Add(var left, var right) -> List.of(left, right);
            case Subtract(var left, var right) -> List.of(left, right);
            case Input input -> List.of();
            case Ref reference -> List.of();
            case Amount amount -> List.of();
            case Text text -> List.of();
            case Truth truth -> List.of();
            case Unknown unknown -> List.of();
        };
    }

    record And(Expr left, Expr right) implements Expr {}

    record Or(Expr left, Expr right) implements Expr {}

    record Not(Expr operand) implements Expr {}

    record Compare(Comparison how, Expr left, Expr right) implements Expr {}

    record IsNull(Expr operand) implements Expr {}

    /** {@code x is true}: "known true", never unknown. */
    record IsTrue(Expr operand) implements Expr {}

    /** An unknown condition takes the {@code otherwise} branch, as in CQL. */
    record If(Expr condition, Expr then, Expr otherwise) implements Expr {}

    record Coalesce(List<Expr> operands) implements Expr {}

    record Add(Expr left, Expr right) implements Expr {}

    record Subtract(Expr left, Expr right) implements Expr {}

    /** A parameter of the library. */
    record Input(String name) implements Expr {}

    /** Another definition of the library. */
    record Ref(String name) implements Expr {}

    record Amount(BigDecimal value, String unit) implements Expr {}

    record Text(String value) implements Expr {}

    record Truth(boolean value) implements Expr {}

    record Unknown() implements Expr {}

    enum Comparison {
        GREATER,
        GREATER_OR_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        EQUAL,
        NOT_EQUAL;

        boolean holds(Object left, Object right) {
            return switch (this) {
                case GREATER -> order(left, right) > 0;
                case GREATER_OR_EQUAL -> order(left, right) >= 0;
                case LESS -> order(left, right) < 0;
                case LESS_OR_EQUAL -> order(left, right) <= 0;
                case EQUAL -> same(left, right);
                case NOT_EQUAL -> !same(left, right);
            };
        }

        private static int order(Object left, Object right) {
            return ((BigDecimal) left).compareTo((BigDecimal) right);
        }

        private static boolean same(Object left, Object right) {
            return left instanceof BigDecimal ? order(left, right) == 0 : left.equals(right);
        }
    }

    /** A named definition of the pack, with its text after the colon. */
    record Definition(String name, Expr body, int line, String source) {}

    /** A declared parameter of the pack. */
    record Declaration(String name, String type, int line) {}

    /** A type of the rule language; amounts carry their unit. */
    sealed interface Type {
        record Logical() implements Type {
            @Override
            public String toString() {
                return "true/false";
            }
        }

        record Code() implements Type {
            @Override
            public String toString() {
                return "text";
            }
        }

        record Measured(String unit) implements Type {
            @Override
            public String toString() {
                return "an amount in '" + unit + "'";
            }
        }

        /** The bare {@code null}, which fits everywhere. */
        record Nothing() implements Type {
            @Override
            public String toString() {
                return "null";
            }
        }

        default boolean fits(Type other) {
            return equals(other) || this instanceof Nothing || other instanceof Nothing;
        }
    }

    /** Thrown for an operator outside the rule language, with what to write instead. */
    final class NotInRuleLanguage extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotInRuleLanguage(String message) {
            super(message);
        }
    }
}
