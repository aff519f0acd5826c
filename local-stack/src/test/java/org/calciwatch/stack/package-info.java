@NullMarked
package org.calciwatch.stack;

import org.jspecify.annotations.NullMarked;
