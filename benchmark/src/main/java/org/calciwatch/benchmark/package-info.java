/** How long loading a rule pack and evaluating it take. */
@NullMarked
package org.calciwatch.benchmark;

import org.jspecify.annotations.NullMarked;
