/**
 * Rule packs: loading, checking, evaluating and explaining. Knows the JDK, Jackson (data files) and, in
 * {@link org.calciwatch.assessment.rules.CqlLibrary} alone, the CQL engine.
 */
@NullMarked
package org.calciwatch.assessment.rules;

import org.jspecify.annotations.NullMarked;
