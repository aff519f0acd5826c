@NullMarked
package org.calciwatch.notification.delivery;

import org.jspecify.annotations.NullMarked;
