@NullMarked
package org.calciwatch.notification;

import org.jspecify.annotations.NullMarked;
