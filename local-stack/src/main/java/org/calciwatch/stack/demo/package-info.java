/** Sample patients for people who try Calciwatch. */
@NullMarked
package org.calciwatch.stack.demo;

import org.jspecify.annotations.NullMarked;
