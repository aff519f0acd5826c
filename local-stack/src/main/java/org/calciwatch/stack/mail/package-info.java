/** The mail catcher: SMTP in, IMAP and web out, every mail on disk before it is acknowledged. Runs as its own process. */
@NullMarked
package org.calciwatch.stack.mail;

import org.jspecify.annotations.NullMarked;
