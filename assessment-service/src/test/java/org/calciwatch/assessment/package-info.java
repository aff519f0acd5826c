@NullMarked
package org.calciwatch.assessment;

import org.jspecify.annotations.NullMarked;
