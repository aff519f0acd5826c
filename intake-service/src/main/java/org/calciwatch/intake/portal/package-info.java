@NullMarked
package org.calciwatch.intake.portal;

import org.jspecify.annotations.NullMarked;
