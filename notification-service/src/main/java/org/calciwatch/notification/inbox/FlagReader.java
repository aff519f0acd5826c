package org.calciwatch.notification.inbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.notification.delivery.SentMails;
import org.calciwatch.notification.flag.Flag;
import org.calciwatch.notification.flag.FlagRepository;
import org.calciwatch.notification.flag.Flags;
import org.calciwatch.notification.routing.Routing;
import org.calciwatch.pages.Localised;

/** Reads what the pages show, and notes for the audit trail that it was read. */
@ApplicationScoped
class FlagReader {

    private final FlagRepository flags;
    private final SentMails mails;
    private final Routing routing;
    private final Access access;
    private final ObjectMapper json;
    private final Clock clock;

    FlagReader(FlagRepository flags, SentMails mails, Routing routing, Access access, ObjectMapper json, Clock clock) {
        this.flags = flags;
        this.mails = mails;
        this.routing = routing;
        this.access = access;
        this.json = json;
        this.clock = clock;
    }

    /**
     * A page of the worklist.
     *
     * @param known the {@link Listing#state} that the reader sees already; of that nothing is read
     */
    @Transactional
    Listing list(Filters filters, String reader, String known) {
        var page = Cursors.page(
                flags.worklist(filters.worklist(reader), Page.DEFAULT_LIMIT + 1),
                Page.DEFAULT_LIMIT,
                filters::addressAfter);
        var listing = Listing.of(
                filters,
                page,
                flags.waitingCounts(),
                flags.newest().map(UUID::toString).orElse(""),
                clock.instant());
        if (!listing.state().equals(known)) {
            page.items().forEach(this::note);
        }
        return listing;
    }

    /** The categories the worklist can be narrowed to. */
    @Transactional
    List<String> categories() {
        return flags.waitingCategories();
    }

    /**
     * A flag with all that is known of it.
     *
     * @throws HttpProblem 404 when there is none with this id
     */
    @Transactional
    FlagPage flag(UUID id, String language) {
        var flag = flags.findByIdOptional(id).orElseThrow(() -> Flags.unknown(id));
        note(flag);
        var assessment = assessment(flag.assessment());
        var all = new ArrayList<AssessmentCompleted>();
        for (var assessed : flags.assessedOf(flag.patientId())) {
            // Of what versions before this page noted, nothing was kept but for the flag itself.
            assessed.assessment().map(this::assessment).ifPresent(all::add);
        }
        if (all.stream().noneMatch(one -> one.submissionId().equals(flag.submissionId()))) {
            all.add(assessment);
        }
        return FlagPage.of(
                flag,
                assessment,
                flag.decisiveAssessment().map(this::assessment),
                all,
                mails.of(id),
                clock.instant(),
                routing.zone(),
                new Localised(language));
    }

    private void note(Flag flag) {
        access.about(flag.patientId());
        access.entity("Flag", flag.id());
    }

    private AssessmentCompleted assessment(String text) {
        try {
            return json.readValue(text, AssessmentCompleted.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
