package org.calciwatch.privacy;

/** A part of an export is missing; the message says which and why, and quotes no data. */
public final class ExportIncomplete extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ExportIncomplete(String what) {
        super(what);
    }
}
