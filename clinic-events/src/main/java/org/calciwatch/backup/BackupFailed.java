package org.calciwatch.backup;

/** A backup cannot be taken, used or restored. The message is one line: what is wrong, where, and what would be right. */
final class BackupFailed extends Exception {
    private static final long serialVersionUID = 1L;

    BackupFailed(String message) {
        super(message);
    }
}
