@NullMarked
package org.calciwatch.http;

import org.jspecify.annotations.NullMarked;
