package org.calciwatch.intake.portal;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words around every page, and those of the first one; Spanish in {@code messages/msg_es.properties}. */
@MessageBundle
public interface PageTexts {
    @Message("Skip to the content")
    String skip();

    @Message("Questionnaire")
    String questionnaire();

    @Message("Your results")
    String yourResults();

    @Message("Sign in")
    String signIn();

    @Message("Sign out")
    String signOut();

    @Message("Emergency: call {number}")
    String emergency(String number);

    @Message("Questions? Call {clinic}:")
    String callUs(String clinic);

    @Message("Where does your calcium go?")
    String title();

    @Message(
            "Calcium should go into your bones and teeth, not into your blood vessels, heart valves or kidneys. Where it goes depends on many things: vitamins, minerals, what you eat and drink, your kidneys, your medicines.")
    String welcome();

    @Message(
            "Answer some questions about your health, and read at once what your answers mean. Your clinic hears of what needs a look.")
    String welcomeWhat();

    @Message(
            "It takes about 10 to 15 minutes. You can stop at any time and go on later, here or on another device. If you have lab results, keep them at hand; you can do without.")
    String welcomeHow();

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

    @Message("There were too many requests. Wait a moment, then load the page again.")
    String error429();

    @Message("Something went wrong on our side. What you have saved is safe. Please try again in a few minutes.")
    String errorOurs();

    @Message("If you call us about it, tell us this number: {id}")
    String errorId(String id);

    @Message("Back to the first page")
    String errorHome();
}
