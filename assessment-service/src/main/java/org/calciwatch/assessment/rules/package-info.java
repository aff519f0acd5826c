/**
 * Rule packs: loading, checking, evaluating and explaining. Knows the JDK, Jackson (data files) and, in
 * {@link org.calciwatch.assessment.rules.CqlLibrary} and its {@link org.calciwatch.assessment.rules.CqlTuning} alone, the
 * CQL engine.
 */
@NullMarked
package org.calciwatch.assessment.rules;

import org.jspecify.annotations.NullMarked;
