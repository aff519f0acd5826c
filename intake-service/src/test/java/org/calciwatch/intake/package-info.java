@NullMarked
package org.calciwatch.intake;

import org.jspecify.annotations.NullMarked;
