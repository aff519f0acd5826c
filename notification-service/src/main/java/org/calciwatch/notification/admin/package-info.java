@NullMarked
package org.calciwatch.notification.admin;

import org.jspecify.annotations.NullMarked;
