/** The embedded default: starts, watches and stops every process of Calciwatch on one machine. */
@NullMarked
package org.calciwatch.stack;

import org.jspecify.annotations.NullMarked;
