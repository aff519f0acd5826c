@NullMarked
package org.calciwatch.start;

import org.jspecify.annotations.NullMarked;
