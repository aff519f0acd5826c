package org.calciwatch.intake.result;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words of the pages around a result; Spanish in {@code messages/msg_es.properties}. */
@MessageBundle
public interface PageTexts {
    @Message("Your results")
    String yourResults();

    @Message("Sign in")
    String signIn();

    @Message("Sign out")
    String signOut();

    @Message(
            "Where the calcium in your body goes depends on many things. Answer the questionnaire of your clinic, and read here what your answers mean.")
    String welcome();

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
