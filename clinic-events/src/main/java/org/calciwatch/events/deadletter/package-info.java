@NullMarked
package org.calciwatch.events.deadletter;

import org.jspecify.annotations.NullMarked;
