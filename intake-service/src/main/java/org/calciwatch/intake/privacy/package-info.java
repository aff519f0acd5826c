@NullMarked
package org.calciwatch.intake.privacy;

import org.jspecify.annotations.NullMarked;
