"""What happened, in words: one label for every verb of the log."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy

from bridgedesk.activity import coded
from bridgedesk.channels.policy import LANGUAGES, Words
from bridgedesk.lib import languages
from bridgedesk.lib.words import told

Word = str | Promise

VERBS: Mapping[str, Word] = {
    # a conversation
    "received": gettext_lazy("The buyer wrote"),
    "sent_elsewhere": gettext_lazy("Answered on the platform"),
    "replied": gettext_lazy("answered"),
    "sent": gettext_lazy("The platform took the answer"),
    "sending_failed": gettext_lazy("The answer could not be sent: %(reason)s"),
    "sending_unsure": gettext_lazy("Unsure whether the answer arrived: %(reason)s"),
    "withdrew": gettext_lazy("took an answer back"),
    "retried": gettext_lazy("sent an answer again"),
    "settled": gettext_lazy("said whether it arrived"),
    "not_sent": gettext_lazy("said that it was not sent after all"),
    "assigned": gettext_lazy("assigned it to %(name)s"),
    "unassigned": gettext_lazy("took it from everybody"),
    "snoozed": gettext_lazy("snoozed it"),
    "woke": gettext_lazy("It came back from snoozing"),
    "closed": gettext_lazy("closed it"),
    "reopened": gettext_lazy("reopened it"),
    "tagged": gettext_lazy("tagged it “%(tag)s”"),
    "untagged": gettext_lazy("took off the tag “%(tag)s”"),
    "language_set": gettext_lazy("marked the language %(language)s"),
    "topic_corrected": gettext_lazy("corrected the topic to %(after)s"),
    "language_corrected": gettext_lazy("corrected the language to %(after)s"),
    "mood_corrected": gettext_lazy("corrected the mood to %(after)s"),
    "followed": gettext_lazy("follows it"),
    "unfollowed": gettext_lazy("follows it no more"),
    "noted": gettext_lazy("wrote a note"),
    "called": gettext_lazy("logged a call"),
    "marked_answered": gettext_lazy("marked that no answer is needed"),
    "merged": gettext_lazy("merged another conversation into it"),
    "merged_away": gettext_lazy("merged it into another conversation"),
    "split": gettext_lazy("split it"),
    "split_off": gettext_lazy("split it off another conversation"),
    "greeted": gettext_lazy("Automatic greeting"),
    "playbook_suggested": gettext_lazy("The playbook “%(playbook)s” begins"),
    "playbook_event": gettext_lazy("The playbook “%(playbook)s” begins: %(why)s"),
    "playbook_held": gettext_lazy("In “%(playbook)s”: %(step)s waits for a person, because: %(why)s"),
    "sent_step": gettext_lazy("Sent by itself, as the playbook says"),
    "playbook_started": gettext_lazy("began the playbook “%(playbook)s”"),
    "playbook_step": gettext_lazy("In “%(playbook)s”: %(step)s, because: %(why)s"),
    "playbook_step_back": gettext_lazy("took back “%(step)s” in “%(playbook)s”"),
    "playbook_left": gettext_lazy("left the playbook “%(playbook)s”: %(reason)s"),
    "playbook_resumed": gettext_lazy("The buyer wrote again: “%(playbook)s” goes on"),
    # buyers and orders
    "corrected_customer": gettext_lazy("corrected the buyer's time zone or telephone"),
    "changed_customer_address": gettext_lazy("changed the buyer's address"),
    "kept_payment_method": gettext_lazy("noted a payment method of the buyer"),
    "noted_customer": gettext_lazy("wrote a note on the buyer"),
    "order_seen": gettext_lazy("An order was named"),
    "parcel_moved": gettext_lazy("Parcel %(parcel)s went from “%(before)s” to “%(after)s”"),
    "order_status": gettext_lazy("An order went from “%(before)s” to “%(after)s”"),
    "order_held": gettext_lazy("kept the order back: %(why)s"),
    "order_released": gettext_lazy("let the order go: %(note)s"),
    "kind_written": gettext_lazy("wrote through the platform: %(text)s"),
    "remarked": gettext_lazy("left a remark: %(text)s"),
    "remark_acknowledged": gettext_lazy("acknowledged the remark: %(text)s"),
    "remark_withdrawn": gettext_lazy("took back the remark: %(text)s"),
    "cancel_caught": gettext_lazy("The buyer wishes to cancel: packing stopped"),
    "cancel_caught_late": gettext_lazy("The buyer wishes to cancel, and the parcel has left"),
    "cancel_over": gettext_lazy("The wish to cancel is over"),
    "cancelled_order": gettext_lazy("cancelled the order"),
    "changed_order_address": gettext_lazy("changed where the order goes"),
    "changed_order_payment": gettext_lazy("changed how the order is paid"),
    "changed_order_articles": gettext_lazy("swapped articles of the order"),
    "asked_return": gettext_lazy("noted a return of %(pieces)s pieces"),
    "asked_exchange": gettext_lazy("noted an exchange of %(pieces)s pieces"),
    "withdrew_return": gettext_lazy("took back the return: the buyer keeps the goods"),
    "settled_return": gettext_lazy("settled the return: the goods are back"),
    "settled_payment": gettext_lazy("saw to a payment or refund at the provider"),
    "act_asked": gettext_lazy("asked the platform: %(act)s"),
    "act_by_hand": gettext_lazy("%(act)s has to be done by hand"),
    "act_done": gettext_lazy("The platform took it: %(act)s"),
    "act_done_in_part": gettext_lazy("The platform took part of it: %(act)s"),
    "act_waits_buyer": gettext_lazy("The platform told the buyer, who has to agree: %(act)s"),
    "act_waits_platform": gettext_lazy("Agreed; the platform still has to pay: %(act)s"),
    "act_failed": gettext_lazy("The platform refused: %(act)s. %(reason)s"),
    "act_unsure": gettext_lazy("Unsure whether the platform took it: %(act)s"),
    "act_not_done": gettext_lazy("looked: %(act)s was not done"),
    "act_retried": gettext_lazy("had the platform asked again: %(act)s"),
    "act_withdrawn": gettext_lazy("took back: %(act)s"),
    "parcel_entered": gettext_lazy("entered the parcel %(parcel)s"),
    "scan_entered": gettext_lazy("entered what happened to the parcel %(parcel)s: %(state)s"),
    "parcel_questioned": gettext_lazy("Somebody should look at the parcel %(parcel)s"),
    "tracker_set_up": gettext_lazy("set up the tracking service %(service)s"),
    "receipt_ends": gettext_lazy("The buyer's protection ends with the parcel still moving"),
    "receipt_extended": gettext_lazy("The platform gave the buyer %(days)s more days to confirm receipt"),
    "parcel_settled": gettext_lazy("dealt with a parcel's trouble"),
    "findings_dismissed": gettext_lazy("looked at the order: it is fine"),
    "findings_asked": gettext_lazy("asked the buyer about the order"),
    "order_questioned": gettext_lazy("Something of the order is to be looked at"),
    # products and stock
    "product_added": gettext_lazy("added the product “%(name)s”"),
    "product_changed": gettext_lazy("named the product “%(name)s”"),
    "sku_added": gettext_lazy("added the article %(code)s"),
    "sku_changed": gettext_lazy("changed the article %(code)s"),
    "fact_said": gettext_lazy("wrote down: %(text)s"),
    "fact_unsaid": gettext_lazy("removed: %(text)s"),
    "counted": gettext_lazy("counted %(count)s of %(code)s (%(change)s)"),
    "stock_moved": gettext_lazy("%(code)s: %(change)s, now %(after)s"),
    "restock_asked": gettext_lazy("asked purchasing for %(quantity)s of %(code)s"),
    "restock_ordered": gettext_lazy("ordered %(quantity)s of %(code)s"),
    "restock_arrived": gettext_lazy("%(quantity)s of %(code)s arrived"),
    "restock_impossible": gettext_lazy("answered that %(code)s cannot be bought"),
    "restock_withdrawn": gettext_lazy("took back the request for %(code)s"),
    "stockout_began": gettext_lazy("marked %(code)s as out of stock"),
    "stockout_ended": gettext_lazy("said that %(code)s is back in stock"),
    "stockout_hit": gettext_lazy("The order waits for %(code)s, which is out of stock"),
    "stockout_proposed": gettext_lazy("would offer %(code)s instead"),
    "stockout_asked": gettext_lazy("asked the buyer about %(code)s"),
    "stockout_unasked": gettext_lazy("took the question about %(code)s back"),
    "stockout_answered": gettext_lazy("wrote down what the buyer prefers instead of %(code)s"),
    "stockout_late": gettext_lazy("Nobody settled %(code)s in time: a lead should"),
    "stockout_done": gettext_lazy("settled %(code)s"),
    "listing_linked": gettext_lazy("linked the listing “%(title)s” to the article %(code)s"),
    "review_seen": gettext_lazy("A buyer gave %(stars)s stars"),
    "review_low": gettext_lazy("A bad review came in: %(stars)s stars"),
    "review_changed": gettext_lazy("A buyer changed a review from %(before)s to %(after)s stars"),
    "return_seen": gettext_lazy("A return for order %(order)s was asked for"),
    "return_status": gettext_lazy("A return went from “%(before)s” to “%(after)s”"),
    "parcel_packed": gettext_lazy("packed the parcel %(parcel)s: %(pieces)s pieces"),
    "parcel_dispatched": gettext_lazy("handed the parcel %(parcel)s over"),
    "parcel_reopened": gettext_lazy("opened the parcel %(parcel)s again"),
    "packing_caught": gettext_lazy("The packing station caught %(code)s: it does not belong in"),
    "sent_notice": gettext_lazy("Automatic notice"),
    "notice_sent": gettext_lazy("The buyer is told by itself: %(purpose)s"),
    "notice_waits": gettext_lazy("A notice to the buyer waits for release: %(purpose)s"),
    "notice_released": gettext_lazy("released a notice to the buyer: %(purpose)s"),
    "notice_dismissed": gettext_lazy("decided that the buyer need not be told: %(purpose)s"),
    "notice_settled": gettext_lazy("A notice to the buyer settled itself: %(purpose)s"),
    "notice_blocked": gettext_lazy("The platform does not permit telling the buyer: %(purpose)s"),
    "evidence_kept": gettext_lazy("kept a photo or film of packing"),
    "review_asked": gettext_lazy("asked the buyer for a review"),
    "review_answered": gettext_lazy("answered a review of %(stars)s stars in public"),
    "made_pack": gettext_lazy("made a pack of evidence of order %(order)s"),
    "case_opened": gettext_lazy("opened a case: %(fault)s"),
    "case_changed": gettext_lazy("corrected the figures of the case"),
    "offer_waits": gettext_lazy("chose “%(option)s” for %(cost)s: a lead must release it"),
    "offer_made": gettext_lazy("chose “%(option)s” for %(cost)s"),
    "offer_released": gettext_lazy("released “%(option)s”"),
    "offer_withdrawn": gettext_lazy("took back “%(option)s”"),
    "offer_accepted": gettext_lazy("noted that the buyer accepts “%(option)s”"),
    "offer_refused": gettext_lazy("noted that the buyer refuses “%(option)s”"),
    "offer_silent": gettext_lazy("noted that the buyer says nothing to “%(option)s”"),
    "offer_escalated": gettext_lazy("noted that the buyer escalated after “%(option)s”"),
    "case_received": gettext_lazy("inspected what came back: %(back)s on the shelf, %(off)s written off"),
    "case_lost": gettext_lazy("booked what a claim cost: %(cost)s"),
    "case_closed": gettext_lazy("closed the case; it cost %(cost)s"),
    "case_reopened": gettext_lazy("opened the case again"),
    # the inbox, templates, translation
    "saved_view": gettext_lazy("saved the view “%(name)s”"),
    "deleted_view": gettext_lazy("removed the view “%(name)s”"),
    "published_playbook": gettext_lazy("published the playbook %(key)s, version %(version)s"),
    "drafted_playbook": gettext_lazy("began a draft of the playbook %(key)s"),
    "saved_draft": gettext_lazy("saved the draft of the playbook %(key)s"),
    "discarded_draft": gettext_lazy("discarded the draft of the playbook %(key)s"),
    "simulated_playbook": gettext_lazy("tried the draft of the playbook %(key)s on past cases"),
    "stopped_simulation": gettext_lazy("stopped trying the draft of the playbook %(key)s"),
    "began_trial": gettext_lazy("put version %(version)s of the playbook %(key)s on trial for %(share)s in 100 new cases"),
    "kept_trial": gettext_lazy("ended the trial of the playbook %(key)s and kept version %(version)s"),
    "dropped_trial": gettext_lazy("ended the trial of the playbook %(key)s without version %(version)s"),
    "saved_template": gettext_lazy("saved the template %(key)s, version %(version)s"),
    "retired_template": gettext_lazy("retired the template %(key)s"),
    "changed_greeting": gettext_lazy("changed the greeting in %(language)s"),
    "translation_set_up": gettext_lazy("set up translation"),
    # shops
    "created_shop": gettext_lazy("connected the shop “%(name)s”"),
    "changed_shop": gettext_lazy("changed the shop's settings"),
    "changed_secrets": gettext_lazy("changed the shop's secrets"),
    "authorised_shop": gettext_lazy("authorised the shop at the platform"),
    "chose_granted_shop": gettext_lazy("said which of the granted shops this is"),
    "assigned_shop": gettext_lazy("changed who looks after the shop"),
    "set_rate": gettext_lazy("entered the rate of %(currency)s from %(day)s: %(value)s for one US dollar"),
    "set_band": gettext_lazy("entered the band of %(category)s from %(day)s: at most %(value)s per cent"),
    "set_threshold": gettext_lazy("set the figure %(name)s to %(value)s"),
    "platform_target": gettext_lazy("The platform wants %(name)s to be %(value)s"),
    "penalty_given": gettext_lazy("The platform gave %(points)s penalty points (%(kind)s)"),
    "penalty_changed": gettext_lazy("Penalty points went from %(before)s to %(after)s"),
    "automatic_steps_on": gettext_lazy("let steps of playbooks be taken by themselves"),
    "automatic_steps_off": gettext_lazy("let no step of a playbook be taken by itself any more"),
    "shop_paused": gettext_lazy("paused the shop"),
    "shop_connected": gettext_lazy("resumed the shop"),
    "shop_broken": gettext_lazy("The shop must be reconnected: %(why)s"),
    "shop_mended": gettext_lazy("The shop works again"),
    # what comes in and goes out
    "delivery_stuck": gettext_lazy("What came in could not be applied: %(error)s"),
    "replayed": gettext_lazy("applied again what came in"),
    "replayed_stuck": gettext_lazy("applied again %(count)s that were stuck"),
    "entered_messages": gettext_lazy("entered %(count)s messages by hand"),
    "uploaded_table": gettext_lazy("uploaded the table “%(name)s” with %(count)s rows"),
    "started_import": gettext_lazy("began to import the table “%(name)s”"),
    "stopped_import": gettext_lazy("stopped the import of the table “%(name)s”"),
    "imported_table": gettext_lazy("imported the table “%(name)s”: %(made)s new, %(changed)s changed, %(bad)s to be mended"),
    "forgot_bad_rows": gettext_lazy("gave up the rows left over from the table “%(name)s”"),
    "discarded_table": gettext_lazy("threw away the table “%(name)s”"),
    "exported_table": gettext_lazy("exported a table: %(what)s"),
    "polled_now": gettext_lazy("had the shop fetched at once"),
    "endpoint_added": gettext_lazy("added the webhook %(url)s"),
    "endpoint_on": gettext_lazy("switched on the webhook %(url)s"),
    "endpoint_off": gettext_lazy("switched off the webhook %(url)s"),
    "endpoint_gone": gettext_lazy("The webhook %(url)s said that it is gone"),
    "endpoint_removed": gettext_lazy("removed the webhook %(url)s"),
    # people
    "invited": gettext_lazy("invited %(name)s"),
    "sent_link": gettext_lazy("made a log-in link for %(name)s"),
    "set_password": gettext_lazy("set a password"),
    "logged_in": gettext_lazy("logged in from %(address)s"),
    "logged_out": gettext_lazy("logged out"),
    "log_in_failed": gettext_lazy("A log-in as %(name)s from %(address)s failed: wrong password"),
    "log_in_unknown": gettext_lazy("A log-in from %(address)s failed: nobody has that name"),
    "second_factor_failed": gettext_lazy("A log-in as %(name)s from %(address)s failed: wrong second factor"),
    "two_factor_on": gettext_lazy("switched on two-factor log-in"),
    "two_factor_off": gettext_lazy("switched off two-factor log-in"),
    "made_recovery_codes": gettext_lazy("made new recovery codes"),
    "changed_role": gettext_lazy("made %(name)s %(role)s"),
    "locked": gettext_lazy("locked %(name)s"),
    "unlocked": gettext_lazy("unlocked %(name)s"),
    "went_on_duty": gettext_lazy("went on duty"),
    "went_off_duty": gettext_lazy("went off duty"),
    "planned_shift": gettext_lazy("planned a shift for %(name)s"),
    "dropped_shift": gettext_lazy("took back a shift of %(name)s"),
    "made_token": gettext_lazy("made the token “%(token)s”"),
    "revoked_token": gettext_lazy("revoked the token “%(token)s”"),
}

FIRST: Mapping[str, Word] = {
    "parcel_moved": gettext_lazy("Parcel %(parcel)s is “%(after)s”"),
    "order_status": gettext_lazy("An order is “%(after)s”"),
    "return_status": gettext_lazy("A return is “%(after)s”"),
}
"""The same where nothing was known before."""
_CODED = {
    "topic_corrected": coded.topic,
    "mood_corrected": coded.mood,
    "order_status": coded.order_state,
    "parcel_moved": coded.parcel_state,
}
ACTS: Mapping[str, Word] = {
    "WriteNote": pgettext_lazy("act", "write the note"),
    "CancelOrder": pgettext_lazy("act", "cancel the order"),
    "AnswerCancellation": pgettext_lazy("act", "answer the wish to cancel"),
    "SplitOrder": pgettext_lazy("act", "split the order"),
    "ShipParcel": pgettext_lazy("act", "tell the tracking number"),
    "ExtendReceipt": pgettext_lazy("act", "extend the time to confirm receipt"),
    "PushStock": pgettext_lazy("act", "set the listed stock"),
    "AskReview": pgettext_lazy("act", "ask for a review"),
    "ReplyReview": pgettext_lazy("act", "answer the review"),
    "WriteToBuyer": pgettext_lazy("act", "write to the buyer"),
    "RefundBuyer": pgettext_lazy("act", "refund the buyer"),
    "SendAgain": pgettext_lazy("act", "send it again"),
    "SendReturnLabel": pgettext_lazy("act", "send a return label"),
}
"""What platforms are asked to do (channels.acts), by class name."""


def happened(verb: str, data: Mapping[str, Any]) -> str:
    """A line of the log in the reader's language; what the line does not hold shows as an ellipsis."""
    words = VERBS if data.get("before", verb) else {**VERBS, **FIRST}
    word = str(words.get(verb, verb.replace("_", " ")))
    return word % _Known({name: _value(name, value, verb) for name, value in data.items()}) if "%(" in word else word


def _value(name: str, value: Any, verb: str) -> Any:
    """What a line holds is kept as it was said or coded then; this is how it reads now."""
    if name == "language" or verb == "language_corrected":
        return languages.name(str(value), get_language() or "en") or value
    if name == "state" and verb == "scan_entered":
        return coded.parcel_state(str(value))
    if name in ("before", "after") and verb in _CODED:
        return _CODED[verb](str(value))
    if isinstance(value, dict):
        return Words(*(str(value.get(each, "")) for each in LANGUAGES))
    if name == "purpose":
        return coded.PURPOSES.get(str(value), value)
    if name == "act":
        return ACTS.get(str(value), value)
    return pgettext("role", str(value).capitalize()) if name == "role" else told(str(value))


def label(verb: str) -> str:
    """The verb alone, for filters."""
    return happened(verb, {})


def choices() -> list[tuple[str, str]]:
    """Every verb with its label, in the order of the trade."""
    return [(verb, label(verb)) for verb in VERBS]


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
