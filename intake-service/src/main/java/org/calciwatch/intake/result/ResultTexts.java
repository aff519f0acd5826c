package org.calciwatch.intake.result;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words of the pages with results; Spanish in {@code messages/result_es.properties}. */
@MessageBundle("result")
public interface ResultTexts {
    @Message("You have not sent in a questionnaire yet.")
    String noneYet();

    @Message("Questionnaire of {day}")
    String questionnaireOf(java.time.LocalDate day);

    @Message("Your answers are being looked at. Load this page again in a moment.")
    String pending();

    @Message("What could not be answered")
    String unknown();

    @Message("Please check these answers")
    String pleaseCheck();
}
