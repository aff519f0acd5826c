@NullMarked
package org.calciwatch.system;

import org.jspecify.annotations.NullMarked;
