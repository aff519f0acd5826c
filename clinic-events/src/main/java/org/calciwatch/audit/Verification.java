package org.calciwatch.audit;

import java.util.UUID;
import org.calciwatch.audit.AuditChain.Head;
import org.jspecify.annotations.Nullable;

/**
 * What the verification of an audit chain found.
 *
 * @param valid false when anything below is wrong
 * @param links how many links there are
 * @param head the last link, {@code <seq>:<hash>}: note it outside of the database
 * @param firstBroken the first link that is wrong, null when all hold
 * @param broken how many links do not fit their event and the link before
 * @param missing how many events or links are gone
 * @param notYetChained events that wait for their link
 * @param overdue events that should have had a link long ago
 * @param notedHead what became of the head that was given: found, missing or changed; null when none was given
 */
record Verification(
        String service,
        boolean valid,
        long links,
        String head,
        @Nullable Broken firstBroken,
        long broken,
        long missing,
        long notYetChained,
        long overdue,
        @Nullable String notedHead) {

    /**
     * A wrong place in the chain.
     *
     * @param eventId of the event that should be there, null when the link itself is gone
     */
    record Broken(long seq, @Nullable UUID eventId, String reason) {}

    /**
     * Computes the whole chain anew, in pieces, so that its length does not matter.
     *
     * @param noted a head that was noted earlier, null for none: without it a chain that lost its end looks whole
     */
    static Verification of(String service, AuditChain chain, @Nullable Head noted) {
        var last = new Head(0, new byte[32]);
        long links = 0;
        long broken = 0;
        long missing = 0;
        Broken first = null;
        var notedHead = noted == null
                ? null
                : noted.seq() == 0 && noted.toString().equals(last.toString()) ? "found" : "missing";
        for (var page = chain.linksAfter(0); !page.isEmpty(); page = chain.linksAfter(last.seq())) {
            for (var link : page) {
                links++;
                Broken wrong = null;
                if (link.seq() != last.seq() + 1) {
                    missing += link.seq() - last.seq() - 1;
                    wrong = new Broken(last.seq() + 1, null, "the link is gone");
                } else if (link.event() == null) {
                    missing++;
                    wrong = new Broken(link.seq(), link.eventId(), "the event is gone");
                } else if (!link.holds(last.hash())) {
                    broken++;
                    wrong = new Broken(
                            link.seq(), link.eventId(), "the hash does not fit the event and the link before");
                }
                first = first == null ? wrong : first;
                // Goes on from what stands there, so that what is broken further on is found as well.
                last = new Head(link.seq(), link.hash());
                if (noted != null && noted.seq() == link.seq()) {
                    notedHead = noted.toString().equals(last.toString()) ? "found" : "changed";
                }
            }
        }
        var unchained = chain.unchained();
        var isHeadRight = notedHead == null || notedHead.equals("found");
        return new Verification(
                service,
                first == null && unchained.overdue() == 0 && isHeadRight,
                links,
                last.toString(),
                first,
                broken,
                missing,
                unchained.all(),
                unchained.overdue(),
                notedHead);
    }
}
