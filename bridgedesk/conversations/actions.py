"""Every act on a conversation, by name. Each lives in the file of its concept; callers import it from here."""

from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.greeting import greet
from bridgedesk.conversations.joining import merge, split
from bridgedesk.conversations.noting import be_present, leave, log_call, note, see
from bridgedesk.conversations.outcomes import mark_failed, mark_sent, mark_unsure
from bridgedesk.conversations.receiving import answered_elsewhere, bounced, receive, receive_each, record_sent
from bridgedesk.conversations.replying import JustAnswered, Refused, not_sent, reply, retry, settle, withdraw
from bridgedesk.conversations.saving import delete_view, save_view
from bridgedesk.conversations.sorting import (
    assign,
    assign_round_robin,
    bulk,
    close,
    follow,
    no_answer_needed,
    reopen,
    set_language,
    snooze,
    tag,
    unfollow,
    untag,
)

__all__ = [
    "CannotWrite",
    "JustAnswered",
    "Refused",
    "answered_elsewhere",
    "assign",
    "assign_round_robin",
    "be_present",
    "bounced",
    "bulk",
    "close",
    "delete_view",
    "follow",
    "greet",
    "leave",
    "log_call",
    "mark_failed",
    "mark_sent",
    "mark_unsure",
    "merge",
    "no_answer_needed",
    "not_sent",
    "note",
    "receive",
    "receive_each",
    "record_sent",
    "reopen",
    "reply",
    "retry",
    "save_view",
    "see",
    "set_language",
    "settle",
    "snooze",
    "split",
    "tag",
    "unfollow",
    "untag",
    "withdraw",
]
