package org.calciwatch.intake.result;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;
import org.calciwatch.events.Severity;

/** The words of the pages with results; Spanish in {@code messages/result_es.properties}. */
@MessageBundle("result")
public interface ResultTexts {
    @Message("You have not sent in a questionnaire yet.")
    String noneYet();

    @Message("Questionnaire of {day}")
    String questionnaireOf(String day);

    @Message(
            "{#when severity}{#is NONE}No check found a concern. This does not mean you have no risk.{#is EDUCATION}Good to know{#is CLINICIAN_REVIEW}To show to your clinician{#is URGENT_SAME_DAY}To call your clinician about on the same day{#is EMERGENCY}Possible signs of an emergency{/when}")
    String severity(Severity severity);

    @Message("Your answers are being looked at")
    String notYet();

    @Message("Waits for your clinic")
    String waits();

    @Message("How your test results moved over time")
    String history();

    @Message("Please wait a moment: your answers are being looked at")
    String pendingTitle();

    @Message("Your answers are being looked at. Your result shows here by itself, most often within a second.")
    String pending();

    @Message("If nothing happens, load this page again.")
    String reload();

    @Message("Your answers are safe. You can also come back later.")
    String answersSafe();

    @Message("Results from your answers of {day}")
    String resultsOf(String day);

    @Message("Emergency")
    String emergency();

    @Message("Call {number} now if you have any of these")
    String signs(String number);

    @Message("Your answers leave open whether you have one of them:")
    String signsOpen();

    @Message("Show everything else")
    String everythingElse();

    @Message("Call your clinician today")
    String sameDay();

    @Message("Show this to your clinician")
    String review();

    @Message("Good to know")
    String education();

    @Message(
            "{#when topic}{#is VITAMIN_D}Vitamin D{#is MAGNESIUM}Magnesium{#is VITAMIN_K}Vitamin K{#is CALCIUM}Calcium and phosphate{#is KIDNEYS}Kidneys{#is DRINKING}What you drink{#is SALT}Salt{#is FOOD}Food{#is ACTIVITY}Being active{#is MEDICINES}Medicines{#is SUPPLEMENTS}Supplements{#is OTHER}More to look at{/when}")
    String topic(Topic topic);

    @Message("Your answers behind this")
    String because();

    @Message("Where calcium should go")
    String whereCalciumGoes();

    @Message("Calcium belongs in bones and teeth. It should not settle in blood vessels, heart valves or kidneys.")
    String calciumCaption();

    @Message(
            "Drawing: an arrow leads calcium from the blood to a bone. The ways to an artery and to a kidney are crossed out.")
    String calciumPicture();

    @Message("Calcium")
    String calcium();

    @Message("Bone")
    String bone();

    @Message("Artery")
    String artery();

    @Message("Kidney")
    String kidney();

    @Message("Blood")
    String blood();

    @Message("Gut")
    String gut();

    @Message(
            "{#when picture}{#is VITAMIN_D}Vitamin D helps the body take in calcium. Too much calcium can settle in soft places.{#is MAGNESIUM}Magnesium acts like a brake on calcium. When it is low, calcium may build up in soft places like blood vessels or the kidneys.{#is VITAMIN_K}Vitamin K2 helps switch on a protein named MGP. MGP holds on to calcium and helps keep it out of artery walls. So far, trials of K2 pills have not shown that they slow or shrink deposits.{#is PHOSPHATE}Phosphate and calcium can join and settle in blood vessels.{#is URINE}In strong urine, calcium and other minerals are more likely to form stones. A lot of salt sends more calcium into the urine.{/when}")
    String caption(Picture picture);

    @Message(
            "{#when picture}{#is VITAMIN_D}Drawing: vitamin D opens the way for calcium from the gut into the blood.{#is MAGNESIUM}Drawing: magnesium stands like a gate between calcium in the blood and the wall of an artery.{#is VITAMIN_K}Drawing: vitamin K2 switches on MGP, which holds calcium away from the wall of an artery.{#is PHOSPHATE}Drawing: calcium and phosphate meet in the blood and settle together on the wall of an artery.{#is URINE}Drawing: two glasses. In the dark one with strong urine grains have become a stone, in the pale one they float apart.{/when}")
    String picture(Picture picture);

    @Message("Phosphate")
    String phosphate();

    @Message("Strong urine")
    String strongUrine();

    @Message("Less strong urine")
    String paleUrine();

    @Message("What could not be judged")
    String unknown();

    @Message(
            "We do not have enough information for {count} of our checks. This does not mean that everything is fine. This would help:")
    String unknownLead(int count);

    @Message("Show each of these checks")
    String unknownEach();

    @Message("Please check these answers")
    String pleaseCheck();

    @Message("Questions for my clinician")
    String questions();

    @Message("What does this mean for me: “{title}”?")
    String whatMeans(String title);

    @Message("Should I have {test}?")
    String shouldHave(String test);

    @Message("My notes")
    String notes();

    @Message("Your answers")
    String answers();

    @Message("Where this comes from")
    String references();

    @Message("Save as PDF for your next visit")
    String pdf();

    @Message("Print")
    String print();

    @Message("All your results")
    String allResults();

    @Message("Your clinic will release the rest")
    String heldTitle();

    @Message(
            "Your clinic looks at the rest of your result before you can read it here. That you do not see more now does not mean that everything is fine.")
    String held();

    @Message("Calcium result for {clinic}, answers of {day}")
    String pdfTitle(String clinic, String day);

    @Message("Printed on {day}")
    String printedOn(String day);

    @Message("Results to release")
    String releases();

    @Message(
            "Patients read emergency and same-day texts at once. The rest of these results waits until a clinician has released it.")
    String releasesLead();

    @Message("No result waits for its release.")
    String nothingWaits();

    @Message("Patient {patient}, assessed {day}")
    String waiting(String patient, String day);

    @Message("More results")
    String more();

    @Message("Result of patient {patient}")
    String releaseTitle(String patient);

    @Message("This is what the patient would read:")
    String wouldRead();

    @Message("Release this result")
    String release();

    @Message("This result waits for no release.")
    String released();
}
