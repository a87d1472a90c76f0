"""The trade's words on the screen: purposes, topics, platforms."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_lazy

from bridgedesk.activity.coded import MOODS, PURPOSES, TOPICS, Word, topic
from bridgedesk.channels.registry import CHANNELS

__all__ = ["CALL_ENDS", "CALL_SIDES", "LANGUAGES", "MOODS", "NOTES", "PLATFORMS", "PURPOSES", "TOPICS", "WARNINGS", "beside", "call",
           "elsewhere", "purpose", "topic", "unsure"]  # fmt: skip

# What a mail's headers and bytes give reason to say beside it (channels/mail_events.py).
WARNINGS: Mapping[str, Word] = {
    "forged_thread": gettext_lazy("This mail bears a forged mark of one of our conversations, so it has a conversation of its own."),
    "other_address": gettext_lazy(
        "This mail refers to a conversation with another address. Make sure who writes before you speak of orders."
    ),
    "spoofed_sender": gettext_lazy("The sender's address is forged: the mail did not come from its domain. Trust nothing in it."),
    "imitates_amazon": gettext_lazy("This mail imitates Amazon but did not come through Amazon. Do not open its links."),
}
NOTES: Mapping[str, Word] = {
    "too_many_parts": gettext_lazy("The mail has more parts than are read; the rest is in the original."),
    "parts_too_deep": gettext_lazy("The mail is nested more deeply than is read; the rest is in the original."),
    "no_boundary": gettext_lazy("The mail is damaged; what could be read is shown."),
    "text_cut": gettext_lazy("The text is longer than is shown; the rest is in the original."),
    "files_cut": gettext_lazy("The mail has more files than are kept; the rest are in the original."),
    "history_cut": gettext_lazy("The quoted history is very long; its end was folded without being looked through."),
}

PLATFORMS: Mapping[str, Word] = {name: gettext_lazy(channel.title) for name, channel in CHANNELS.items()}

# Where an agent looks when it is not known whether an answer arrived, and where what we cannot show is seen; "" is any marketplace.
UNSURE: Mapping[str, Word] = {
    "": gettext_lazy("It may have arrived: the platform did not say. Look in Seller Centre, then tell us."),
    "email": gettext_lazy("It may have arrived: the mail server did not say. Look into the mailbox's sent mail, then tell us."),
    "sms": gettext_lazy("It may have arrived: the provider did not say. Look into the provider's message log, then tell us."),
    "manual": gettext_lazy("It may have arrived. Look where you send from, then tell us."),
}
ELSEWHERE: Mapping[str, Word] = {
    "": gettext_lazy("This kind of message can only be seen in Seller Centre."),
    "email": gettext_lazy("This kind of message can only be seen in the mailbox."),
    "sms": gettext_lazy("This kind of message can only be seen at the provider."),
    "manual": gettext_lazy("This kind of message can only be seen on the platform."),
}

CALL_SIDES: Mapping[str, Word] = {"out": gettext_lazy("We called"), "in": gettext_lazy("The buyer called")}
CALL_ENDS: Mapping[str, Word] = {
    "reached": gettext_lazy("We talked"),
    "no_answer": gettext_lazy("No answer"),
    "busy": gettext_lazy("Busy"),
    "voicemail": gettext_lazy("Voicemail"),
    "wrong_number": gettext_lazy("Wrong number"),
}

# The languages a buyer's conversation may be marked with; names come from CLDR.
LANGUAGES = (
    "en", "es", "pt", "pt-BR", "fr", "de", "it", "nl", "pl", "ru", "uk", "tr", "ar", "he", "ja", "ko", "th", "vi", "id", "ms", "tl",
    "hi", "cs", "sv", "zh-Hans", "zh-Hant",
)  # fmt: skip


def beside(words: Mapping[str, Word], codes: object) -> list[str]:
    """The sentences of WARNINGS or NOTES for the codes kept with a message; codes without one are left out."""
    return [str(words[code]) for code in codes if code in words] if isinstance(codes, list) else []


def call(direction: str, meta: Mapping[str, object]) -> str:
    """Who called, how it ended and how long it took, as far as it was noted. `direction` is the message's own, "in" or "out"."""
    minutes = str(meta.get("minutes") or "")
    said = [
        CALL_SIDES.get(str(meta.get("direction") or direction)),
        CALL_ENDS.get(str(meta.get("ended"))),
        gettext("%(minutes)s min") % {"minutes": minutes} if minutes else None,
    ]
    return " · ".join(str(word) for word in said if word)


def purpose(key: str) -> str:
    """A purpose in the reader's language; a key that has no word yet as it is."""
    return str(PURPOSES.get(key, key))


def unsure(platform: str) -> str:
    """Where to look when it is not known whether an answer arrived."""
    return str(UNSURE.get(platform, UNSURE[""]))


def elsewhere(platform: str) -> str:
    """Where a message is seen that cannot be shown here."""
    return str(ELSEWHERE.get(platform, ELSEWHERE[""]))
