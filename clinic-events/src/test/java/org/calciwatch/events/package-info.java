@NullMarked
package org.calciwatch.events;

import org.jspecify.annotations.NullMarked;
