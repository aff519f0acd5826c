@NullMarked
package org.calciwatch.intake.result;

import org.jspecify.annotations.NullMarked;
