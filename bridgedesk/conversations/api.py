"""The JSON API of the inbox: the same queries and the same actions as the screens, for programs."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from bridgedesk.conversations import actions, queries, search
from bridgedesk.conversations.filters import Filters
from bridgedesk.conversations.gate import Finding, Ruling
from bridgedesk.conversations.models import Conversation, Message, Template
from bridgedesk.conversations.ruling import ruling_on
from bridgedesk.conversations.templates import fill, suggest
from bridgedesk.team.api import READ, WRITE, Strict, agent_of
from bridgedesk.team.models import Agent

router = Router(tags=["conversations"])


class ConversationOut(Schema):
    id: int
    shop_id: int
    customer_id: int
    customer_name: str = Field(alias="customer.name")
    subject: str
    order: str = Field(alias="order_ref")
    state: str
    assignee_id: int | None
    language: str
    topic: str
    mood: str
    tags: list[str]
    due_at: datetime | None
    risk_at: datetime | None
    last_at: datetime
    last_text: str
    trouble: bool


class PageOut(Schema):
    """`next` goes into `after` of the following call; empty at the end."""

    conversations: list[ConversationOut]
    next: str


class MessageOut(Schema):
    id: int
    conversation_id: int
    direction: str
    kind: str
    state: str
    author_id: int | None
    sender: str
    automatic: bool
    subject: str
    text: str
    quoted: str
    language: str
    purpose: str
    error: str
    at: datetime


class FindingOut(Schema):
    """Offsets are in the text; −1 where the finding is about the whole of it."""

    code: str
    verdict: str
    reason: str
    source: str
    sure: str
    start: int
    end: int

    @staticmethod
    def resolve_reason(finding: Finding) -> str:
        """In the token owner's language."""
        return str(finding.reason)


class RulingOut(Schema):
    verdict: str
    findings: list[FindingOut]


class ErrorOut(Schema):
    error: str


class ReplyIn(Strict):
    """`release` is the person's yes to what the gate holds back; `template` is the key of a reply template."""

    text: str = Field(max_length=20_000)
    purpose: str = "answer"
    template: str = ""
    rendered: str = ""
    language: str = ""
    release: bool = False
    although_answered: bool = False
    close: bool = False


class CheckIn(Strict):
    text: str = Field(max_length=20_000)
    purpose: str = "answer"
    language: str = ""


class NoteIn(Strict):
    text: str = Field(max_length=20_000)


class AssignIn(Strict):
    """`agent_id` null: to nobody."""

    agent_id: int | None


class SnoozeIn(Strict):
    until: datetime


class TagIn(Strict):
    tag: str = Field(max_length=40)


class TemplateOut(Schema):
    key: str
    version: int
    topic: str
    purpose: str
    text: str
    language: str
    missing: list[str]


class HitOut(Schema):
    message: MessageOut
    snippet: str


def _one(request: HttpRequest, pk: int) -> Conversation:
    rows = Conversation.objects.visible_to(agent_of(request)).select_related("shop", "customer")
    return get_object_or_404(rows, pk=pk)


@router.get("/conversations", response=PageOut, auth=READ)
def conversations(request: HttpRequest) -> dict[str, Any]:
    """The inbox: what expires next first. Takes the query of the screen: state, assignee, due, shop, topic, language, tag, after …"""
    page = queries.inbox(agent_of(request), Filters.parse(request.GET), size=queries.PAGE)
    return {"conversations": page.rows, "next": page.next}


@router.get("/conversations/{pk}", response=ConversationOut, auth=READ)
def conversation(request: HttpRequest, pk: int) -> Conversation:
    """One conversation."""
    return _one(request, pk)


@router.get("/conversations/{pk}/messages", response=list[MessageOut], auth=READ)
def messages(request: HttpRequest, pk: int, before: int | None = None) -> list[Message]:
    """The last fifty things said, oldest first; `before` a message id for earlier ones."""
    return queries.thread(_one(request, pk), before)[0]


@router.get("/conversations/{pk}/templates", response=list[TemplateOut], auth=READ)
def templates(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    """Suggested templates, filled in the buyer's language; `missing` names what is not known yet."""
    thread = _one(request, pk)
    return [_filled(template, thread, agent_of(request)) for template in suggest(thread)]


def _filled(template: Template, thread: Conversation, agent: Agent) -> dict[str, Any]:
    filled = fill(template, thread, agent)
    facts = {"key": template.key, "version": template.version, "topic": template.topic, "purpose": template.purpose}
    return facts | {"text": filled.text, "language": filled.language, "missing": list(filled.missing)}


@router.post("/conversations/{pk}/check", response=RulingOut, auth=READ)
def check(request: HttpRequest, pk: int, body: CheckIn) -> Ruling:
    """What the gate would say, without sending."""
    return ruling_on(_one(request, pk), body.text, purpose=body.purpose, language=body.language)


@router.post("/conversations/{pk}/reply", response={201: list[MessageOut], 409: ErrorOut, 422: RulingOut}, auth=WRITE)
def reply(request: HttpRequest, pk: int, body: ReplyIn) -> Status[Any]:
    """Queue an answer. 422: the gate's ruling; 409: a colleague just answered, or it cannot be sent."""
    thread = _one(request, pk)
    template = Template.objects.filter(key=body.template, current=True).first() if body.template else None
    try:
        sent = actions.reply(
            thread,
            body.text,
            by=agent_of(request),
            purpose=body.purpose,
            template=template,
            rendered=body.rendered,
            language=body.language,
            released=body.release,
            although_answered=body.although_answered,
            close=body.close,
        )
    except actions.Refused as refused:
        return Status(422, refused.ruling)
    except actions.JustAnswered as answered:
        return Status(409, {"error": f"{answered} just answered; send again with although_answered"})
    return Status(201, sent)


@router.post("/messages/{pk}/withdraw", response={200: dict[str, str], 409: ErrorOut}, auth=WRITE)
def withdraw(request: HttpRequest, pk: int) -> dict[str, str]:
    """Undo a queued answer; gives its text back."""
    message = get_object_or_404(Message.objects.visible_to(agent_of(request)), pk=pk)
    return {"text": actions.withdraw(message, by=agent_of(request))}


@router.post("/conversations/{pk}/note", response={201: MessageOut}, auth=WRITE)
def note(request: HttpRequest, pk: int, body: NoteIn) -> Status[Any]:
    """An internal note; @name tells a colleague."""
    return Status(201, actions.note(_one(request, pk), body.text, by=agent_of(request)))


@router.post("/conversations/{pk}/assign", response={200: ConversationOut, 409: ErrorOut}, auth=WRITE)
def assign(request: HttpRequest, pk: int, body: AssignIn) -> Conversation:
    """Give it to a colleague who sees the shop."""
    agent = get_object_or_404(Agent, pk=body.agent_id) if body.agent_id else None
    actions.assign(_one(request, pk), agent, by=agent_of(request))
    return _one(request, pk)


@router.post("/conversations/{pk}/snooze", response={200: ConversationOut, 409: ErrorOut}, auth=WRITE)
def snooze(request: HttpRequest, pk: int, body: SnoozeIn) -> Conversation:
    """Aside until then, or until shortly before an answer is due."""
    actions.snooze(_one(request, pk), body.until, by=agent_of(request))
    return _one(request, pk)


@router.post("/conversations/{pk}/close", response=ConversationOut, auth=WRITE)
def close(request: HttpRequest, pk: int) -> Conversation:
    """Nothing more to do."""
    actions.close(_one(request, pk), by=agent_of(request))
    return _one(request, pk)


@router.post("/conversations/{pk}/reopen", response=ConversationOut, auth=WRITE)
def reopen(request: HttpRequest, pk: int) -> Conversation:
    """Back into the inbox."""
    actions.reopen(_one(request, pk), by=agent_of(request))
    return _one(request, pk)


@router.post("/conversations/{pk}/no-answer-needed", response=ConversationOut, auth=WRITE)
def no_answer_needed(request: HttpRequest, pk: int) -> Conversation:
    """Close the answer window without an answer."""
    actions.no_answer_needed(_one(request, pk), by=agent_of(request))
    return _one(request, pk)


@router.post("/conversations/{pk}/tags", response=ConversationOut, auth=WRITE)
def tag(request: HttpRequest, pk: int, body: TagIn) -> Conversation:
    """Add a tag."""
    actions.tag(_one(request, pk), body.tag, by=agent_of(request))
    return _one(request, pk)


@router.delete("/conversations/{pk}/tags/{name}", response=ConversationOut, auth=WRITE)
def untag(request: HttpRequest, pk: int, name: str) -> Conversation:
    """Take a tag off."""
    actions.untag(_one(request, pk), name, by=agent_of(request))
    return _one(request, pk)


@router.get("/search", response=list[HitOut], auth=READ)
def find(request: HttpRequest, q: Annotated[str, Field(max_length=200)] = "") -> list[dict[str, Any]]:
    """The newest messages that hold every word; takes shop, direction, since and until as the screen does."""
    found = search.find(agent_of(request), search.Question.parse(request.GET))
    return [{"message": hit.message, "snippet": "".join(piece for piece, _ in hit.snippet)} for hit in found.hits]
