"""Mail no person wrote: bounces, auto-replies, lists, complaints, our own. None opens a conversation, none is answered by a machine.

Sources: RFC 3834 (automatic responses), RFC 3464 (delivery status), RFC 5965 (feedback reports), RFC 8098 (receipts), and for
what servers without standards write, the shape of their mails. A buyer's mail must not be taken for one of these: a single
weak sign is never enough (`is_quiet` then only forbids automatic answers).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import mail_bounces
from bridgedesk.channels.mail_headers import Headers
from bridgedesk.channels.mail_parsing import Mail

OWN_HEADER = "x-bridgedesk"
_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|post[-_.]?master|double-bounce|bounces?|mdaemon|mail-?delivery.*|uucp"
    r"|mailsystem)(?:[+=].*)?",
    re.I,
)
_NO_REPLY = re.compile(
    r"(?:do-?_?not-?_?reply|no-?_?reply|nao-?responda|no-?responder|ne-?pas-?repondre|noreply.*"
    r"|nicht-?antworten)(?:[+_.=-].*)?",
    re.I,
)
_AWAY = re.compile(
    r"\s*(?:(?:re|aw|sv|antw|回复|答复)\s*[:：]\s*)?\[?(?:auto(?:matic|matische?|mated|matisch)?[ -]?(?:reply|response"
    r"|respons|antwort|antwoord|svar|vastaus)\b"
    r"|out of (?:the )?office(?:\s*$|\s*[:：(–-]|\s+(?:re|auto|until|reply))|away (?:until|from (?:the |my )?(?:office|mail"
    r"|desk))|(?:i am |i'm )?on (?:vacation|holiday|leave)(?:\s*$|\s*[:：(–-]|\s+until)"
    r"|vacation (?:reply|notice|response|message)|abwesenheits(?:notiz|meldung|nachricht|benachrichtigung|assistent)"
    r"|nicht im (?:büro|haus)(?:\s*$|\s*[:：(–-])|ich bin (?:im urlaub|nicht im büro)"
    r"|réponse automatique|message d['’]absence|absence du bureau|absent du bureau|respuesta automática|respuesta automatica"
    r"|fuera de (?:la )?oficina|ausente de la oficina"
    r"|resposta automática|resposta automatica|fora do escritório|ausência temporária|risposta automatica|fuori (?:sede"
    r"|ufficio)(?:\s*$|\s*[:：(–-])|automatisch antwoord|afwezig(?:heid)?(?:\s*$|\s*[:：(–-])"
    r"|automatyczna odpowiedź|odpowiedź automatyczna|autoodpowiedź|automatická odpověď|automatická odpoveď"
    r"|automatski odgovor|samodejni odgovor|autosvar|automatisk svar|automatsvar|automaattinen vastaus"
    r"|räspuns automat|răspuns automat|automatikus válasz|автоответ|автоматический ответ|автоматичн[аи] відповідь"
    r"|автоматичен отговор|αυτόματη απάντηση|otomatik (?:yanıt|cevap)"
    r"|מענה אוטומטי|תשובה אוטומטית|رد تلقائي|الرد التلقائي|پاسخ خودکار|trả lời tự động|balasan otomatis|balas automatik"
    r"|การตอบกลับอัตโนมัติ|ตอบกลับอัตโนมัติ"
    r"|自动回复|自動回覆|自动答复|自動回复|自動返信|自動応答|不在通知|休暇中|자동 ?응답|자동 ?회신|부재중)",
    re.I,
)
_RESPONDER_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-vacation",
    "x-mail-autoreply",
    "x-auto-reply-from",
    "x-amazon-auto-reply",
)
_LIST_HEADERS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "x-mailing-list",
    "mailing-list",
    "x-mlserver",
    "x-ml-name",
    "x-mailman-version",
)
_BULK = {"bulk", "list", "junk", "auto_reply", "auto-reply"}


@dataclass(frozen=True)
class Own:
    """What is ours: addresses of this shop in lower case, and the mark in OWN_HEADER of mails this installation sends."""

    addresses: tuple[str, ...]
    mark: str

    @property
    def domains(self) -> tuple[str, ...]:
        return tuple(address.rpartition("@")[2] for address in self.addresses)


@dataclass(frozen=True)
class Verdict:
    """Why nobody is answered. `bounce` when it reports on a mail of ours."""

    reason: str
    bounce: mail_bounces.Report | None = None


def judge(mail: Mail, own: Own) -> Verdict | None:
    """What sort of automatic mail it is; None for mail a person wrote."""
    headers = mail.headers
    if own.mark and headers.text(OWN_HEADER) == own.mark and not _is_report(mail):
        return Verdict(noop("our own mail"))
    return _report(mail) or _by_header(headers, own) or _by_sender(mail, own)


def is_quiet(mail: Mail) -> bool:
    """A person may have written it, but asks, or looks as if, no machine should answer: no greeting goes out."""
    headers = mail.headers
    return headers.has("x-auto-response-suppress") or any(headers.has(name) for name in _LIST_HEADERS) or bool(_AWAY.match(mail.subject))


def _is_report(mail: Mail) -> bool:
    return mail.root.type == "multipart/report" or any(part.type in mail_bounces.REPORT_TYPES for part in mail.root.leaves())


def _report(mail: Mail) -> Verdict | None:
    types = {part.type for part in mail.root.leaves()}
    if "message/feedback-report" in types or mail.subject.lower().startswith("complaint about message from"):
        return Verdict(noop("a complaint report: the buyer's provider says our mail was marked as spam"))
    if "message/disposition-notification" in types or "disposition-notification" in mail.headers.parameters("content-type")[1].get(
        "report-type", ""
    ):
        return Verdict(noop("a read receipt"))
    if _is_report(mail) or _from_daemon(mail) or mail_bounces.reads_like_one(mail):
        report = mail_bounces.read(mail)
        return Verdict(noop("a bounce") if report.failed else noop("a delivery report"), report if report.failed else None)
    return None


def _from_daemon(mail: Mail) -> bool:
    """A mail server speaks; a person at postmaster@ whose mail has a normal return path and no word of failure does not."""
    local = mail.sender.email.partition("@")[0] or mail.sender.name
    if not _DAEMON.fullmatch(local):
        return False
    return not local.lower().startswith("post") or no_return(mail.headers) or mail_bounces.speaks_of_failure(mail)


def no_return(headers: Headers) -> bool:
    """The envelope sender was empty: nobody may answer (RFC 5321 section 4.5.5)."""
    return headers.has("return-path") and re.sub(r"\s", "", headers.raw("return-path")) in ("<>", "")


def _by_header(headers: Headers, own: Own) -> Verdict | None:
    submitted = headers.text("auto-submitted").split(";")[0].split("(")[0].strip().lower()
    if submitted and submitted != "no":
        return Verdict(noop("an automatic reply") if submitted.startswith("auto-replied") else noop("sent by a program"))
    if any(headers.has(name) for name in _RESPONDER_HEADERS):
        return Verdict(noop("an automatic reply"))
    if headers.has("x-failed-recipients") or no_return(headers):
        return Verdict(noop("sent by a program"))
    if _is_list(headers) and not _is_own_list(headers, own.domains):
        return Verdict(noop("a newsletter or mailing list"))
    return None


def _is_list(headers: Headers) -> bool:
    return headers.text("precedence").lower() in _BULK or any(headers.has(name) for name in _LIST_HEADERS)


def _is_own_list(headers: Headers, domains: Sequence[str]) -> bool:
    """A group address of the shop itself (help@ as a Google Group): what comes through it are buyers."""
    where = " ".join(headers.text(name) for name in ("list-id", "list-post", "mailing-list")).lower()
    return any(domain and re.search(rf"[.@]{re.escape(domain)}(?![\w.-])", where) for domain in domains)


def _by_sender(mail: Mail, own: Own) -> Verdict | None:
    if _AWAY.match(mail.subject):
        return Verdict(noop("an automatic reply"))
    answer_to = next(iter(mail.headers.addresses("reply-to")), mail.sender).email
    if mail.sender.email in own.addresses and answer_to in own.addresses:
        return Verdict(noop("our own mail"))
    if _NO_REPLY.fullmatch(mail.sender.email.partition("@")[0]) and answer_to in ("", mail.sender.email):
        return Verdict(noop("from an address that takes no answers"))
    return None
