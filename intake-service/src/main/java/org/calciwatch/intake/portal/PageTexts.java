package org.calciwatch.intake.portal;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words around a patient's pages, and those of the first one; Spanish in {@code messages/msg_es.properties}. */
@MessageBundle
public interface PageTexts {
    @Message("Questionnaire")
    String questionnaire();

    @Message("Your results")
    String yourResults();

    @Message("Sign in")
    String signIn();

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
}
