@NullMarked
package org.calciwatch.pages;

import org.jspecify.annotations.NullMarked;
