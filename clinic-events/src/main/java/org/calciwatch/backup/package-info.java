/**
 * Physical backups of the database cluster and their restoration, also to a point in time. A program of its own, not part
 * of a service: {@link org.calciwatch.backup.BackupCommand}. See docs/backup.md.
 */
@NullMarked
package org.calciwatch.backup;

import org.jspecify.annotations.NullMarked;
