package org.calciwatch.pages;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words around every page, and those of pages that cannot be shown; Spanish in {@code messages/common_es.properties}. */
@MessageBundle("common")
public interface CommonTexts {
    @Message("Skip to the content")
    String skip();

    @Message("Sign out")
    String signOut();

    @Message("This page cannot be shown")
    String error();

    @Message("This form is too old, or was sent from elsewhere. Open the page again and send it from there.")
    String error400();

    @Message("It is not for the account you are signed in with.")
    String error403();

    @Message("There is no such page, or it is not there any more.")
    String error404();

    @Message("What was here has been erased, as it was asked for.")
    String error410();

    @Message(
            "What was sent is too big, so it was not saved. A page of the form takes up to 64 kilobytes, and each answer on it a few words. Go back, make it shorter and send it again.")
    String error413();

    @Message("There were too many requests. Wait a moment, then load the page again.")
    String error429();

    @Message("The server does not take what was sent. It was not saved. Open the page again and send it from there.")
    String errorOther();

    @Message("Something went wrong on our side. What you have saved is safe. Please try again in a few minutes.")
    String errorOurs();

    @Message("If you call us about it, tell us this number: {id}")
    String errorId(String id);

    @Message("Back to the first page")
    String errorHome();
}
