package org.calciwatch.intake.form;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words of the form around the questions; Spanish in {@code messages/form_es.properties}. */
@MessageBundle("form")
public interface FormTexts {
    @Message("Your questionnaire")
    String start();

    @Message(
            "First we ask for signs of an emergency, then about you, your conditions, medicines, supplements and habits.")
    String startWhat();

    @Message("If you have results of blood or urine tests, keep them at hand. You can do without them.")
    String startLabs();

    @Message("Each page is saved when you go on. You can stop and go on later, here or on another device.")
    String startSaved();

    @Message("Start")
    String begin();

    @Message("Go on with the questionnaire of {day}")
    String goOn(String day);

    @Message("Other questionnaires you have begun")
    String otherDrafts();

    @Message("Start a new one")
    String beginNew();

    @Message("Step {number} of {total}")
    String step(int number, int total);

    @Message("Call {number} now for any of these:")
    String callFor(String number);

    @Message("Read this again")
    String readAgain();

    @Message("This may be an emergency")
    String emergency();

    @Message("I have read this. Go on with the questions")
    String emergencyRead();

    @Message("There is a problem")
    String problems();

    @Message("Please look at this again")
    String doubts();

    @Message("These answers were changed on another device")
    String conflict();

    @Message(
            "Nothing of yours was saved yet. Look at what is marked below, then press Continue to save what stands on this page.")
    String conflictWhat();

    @Message("What you typed on this page was not saved")
    String lost();

    @Message("You were signed out before you sent it. Please fill in this page again. The pages before it are saved.")
    String lostWhat();

    @Message("On the other device: {answer}")
    String elsewhere(String answer);

    @Message("not answered")
    String notAnswered();

    @Message("Tick all that apply.")
    String tickAll();

    @Message("Result")
    String result();

    @Message("Amount")
    String amount();

    @Message("Unit")
    String unit();

    @Message("Choose")
    String chooseUnit();

    @Message("Usually: {range}")
    String usually(String range);

    @Message("Yes, {number} {unit} is right")
    String sure(String number, String unit);

    @Message(
            "{number} {unit} is far from what is possible. Please look at your report or label again: is the decimal point in the right place?")
    String doubt(String number, String unit);

    @Message("Did you mean {unit}?")
    String otherUnit(String unit);

    @Message("Continue")
    String goOnButton();

    @Message("Back")
    String back();

    @Message("Skip this page")
    String skip();

    @Message("Write a number, such as {example}.")
    String notANumber(String example);

    @Message(
            "This can be read in two ways. Write it without a sign between the thousands, or with another digit behind the decimal point.")
    String ambiguous();

    @Message("A result with < or > cannot be judged here. Leave it empty and show the result to your clinician.")
    String bound();

    @Message("Choose the unit that stands beside the number on your report or label.")
    String noUnit();

    @Message("There is a date but no result. Write the result too, or empty the date.")
    String noResult();

    @Message("Write a whole number.")
    String notWhole();

    @Message("This questionnaire is for people from {low} to {high} years.")
    String outOfRange(String low, String high);

    @Message("Write the date as year-month-day, such as 2026-03-01.")
    String notADate();

    @Message("This date is in the future.")
    String inTheFuture();

    @Message("Tick either the last answer or others, not both.")
    String noneAndOthers();

    @Message(
            "Tick what applies, or the last answer if nothing does. If you do not want to answer, press Skip this page.")
    String noChoice();

    @Message("An answer is needed to go on.")
    String required();

    @Message("Check your answers")
    String check();

    @Message("These are the answers that will be sent. You can still change them.")
    String checkWhat();

    @Message("Change")
    String change();

    @Message("Send my answers")
    String send();

    @Message("After you have sent them, your result appears within moments.")
    String sendWhat();

    @Message("Your answers have changed since this page was shown. Please check them again.")
    String changedMeanwhile();

    @Message("This is outside of what is possible and will not be used.")
    String notUsed();

    @Message("Saved. You can stop here and go on later.")
    String saved();
}
