@NullMarked
package org.calciwatch.events.consume;

import org.jspecify.annotations.NullMarked;
