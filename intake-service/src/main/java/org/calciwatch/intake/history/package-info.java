@NullMarked
package org.calciwatch.intake.history;

import org.jspecify.annotations.NullMarked;
