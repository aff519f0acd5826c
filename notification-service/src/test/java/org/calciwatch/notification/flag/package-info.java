@NullMarked
package org.calciwatch.notification.flag;

import org.jspecify.annotations.NullMarked;
