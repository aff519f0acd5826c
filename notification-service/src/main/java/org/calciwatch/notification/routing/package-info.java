@NullMarked
package org.calciwatch.notification.routing;

import org.jspecify.annotations.NullMarked;
