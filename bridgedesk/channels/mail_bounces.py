"""What a returned mail says: which address failed, why in one of a few words, whether for good, and which mail of ours it was.

RFC 3464 fields where there are some, else the words servers use.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bridgedesk.channels import mail_headers
from bridgedesk.channels.mail_charsets import decode
from bridgedesk.channels.mail_parsing import Mail

REPORT_TYPES = {
    "message/delivery-status",
    "message/global-delivery-status",
    "message/feedback-report",
    "message/disposition-notification",
    "message/xdelivery-status",
}
_ORIGINALS = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/partial"}
_LOOK = 12_000
PERMANENT = {"unknown_address", "unknown_domain", "moved", "takes_no_mail"}


@dataclass(frozen=True)
class Report:
    """`reason` is one of a few words; `permanent`: the address itself is of no use; `final`: this mail will not arrive.

    `failed` is False for a report that all went well. `text` holds the server's own words.
    """

    address: str
    reason: str
    permanent: bool
    failed: bool
    final: bool
    message_id: str
    text: str


# Tried in this order on the server's words; the first that matches is the reason.
_WORDS = [
    (
        "too_big",
        r"(?:message|mail|size|body|content).{0,30}(?:too (?:big|large|long)|exceed\w*.{0,30}(?:size|limit|maximum))"
        r"|size limit|exceeds? (?:the )?(?:maximum|fixed|max).{0,20}size|552 5\.3\.4",
    ),
    (
        "full",
        r"(?:mailbox|mail ?box|mail folder|inbox|user|account|quota|disk|storage).{0,40}(?:is )?(?:full|over ?quota"
        r"|over (?:its |the )?quota|exceed\w*|out of (?:space|storage))"
        r"|over ?quota|quota.{0,20}(?:exceed|violat)|exceed\w*.{0,40}(?:quota|storage|mailbox)"
        r"|insufficient (?:system )?storage|not enough (?:storage|space)|mailbox size limit|errmailboxfull|is full\b"
        r"|maildir.{0,20}quota|mailfolder is full",
    ),
    (
        "suspended",
        r"(?:account|mailbox|user|recipient).{0,60}(?:suspended|disabled|deactivated|inactive|locked|blocked by admin"
        r"|not active|expired)|(?:inactive|disabled|suspended) (?:user|account|mailbox|recipient)"
        r"|account that you tried to reach is disabled",
    ),
    (
        "moved",
        r"(?:has|have) moved|user has moved|address (?:has )?changed|please try <|551 .{0,40}(?:not local|forward)"
        r"|no longer (?:at|with|works?)|replaced by",
    ),
    (
        "takes_no_mail",
        r"does not accept (?:any )?(?:mail|e-?mail|smtp)|null ?mx|not accept(?:ing)? (?:any )?(?:mail|messages?|e-?mail)s?\b"
        r"|name server: .{0,80}accept|mail receiving disabled|recipient address has null mx|smtp service is not available",
    ),
    (
        "refused_content",
        r"virus|malware|worm\b|\bspam\b|spam[- ](?:content|score|like|message)|content.{0,30}(?:reject|filter|refus|denied"
        r"|prohibit|not allowed)|banned (?:content|attachment|file)|(?:message|mail).{0,40}(?:looks|identified|classified"
        r"|detected|considered).{0,20}spam|illegal attachment|5\.6\.\d|executable",
    ),
    (
        "refused_policy",
        r"block(?:ed|ing)? .{0,40}(?:list|using)|black ?list|blocklist|rbl\b|dnsbl|spamhaus|spamcop|senderbase|reputation"
        r"|(?:client )?host .{0,60}(?:blocked|rejected|denied)|spf |\bspf\b|dkim|dmarc|reverse dns|\bptr\b|rdns"
        r"|cannot find your hostname|resolve your host|does not resolve"
        r"|access denied|relay(?:ing)? (?:access )?(?:denied|not (?:allowed|permitted))|policy|not (?:authori[sz]ed"
        r"|permitted|allowed)"
        r"|authentication required|unauthenticated|security (?:failure|policy)|administrative prohibition"
        r"|sender (?:address )?(?:rejected|denied|verif\w+|refused|not)|domain of sender|message (?:filtered|rejected"
        r"|refused|was rejected|blocked)|rejected by|due to .{0,30}(?:restriction|filter)|poor reputation"
        r"|ip address .{0,40}(?:reject|block|listed)|5\.7\.\d+|junk ?mail|unsolicited|you are not (?:a )?member",
    ),
    (
        "unknown_domain",
        r"host (?:or domain name )?(?:is )?(?:unknown|not found)|unknown (?:host|domain|mail host)|(?:domain"
        r"|host).{0,40}(?:does not exist|doesn't exist|not found|couldn'?t be found|could not be found|nonexistent"
        r"|non-existent)|name (?:or )?service (?:error|not known)|no such (?:domain|host)|nxdomain|unroutable|unrouteable"
        r"|domain name not found|can'?t find any host|couldn'?t find any host|no mx|mx record|dns error.{0,40}(?:domain"
        r"|not found)|illegal host|bad destination (?:host|system)|5\.1\.2\b|address lookup fail|host name lookup fail",
    ),
    (
        "unknown_address",
        r"user[ _-]?(?:is )?(?:unknown|not (?:found|exist|known|local)|doesn'?t (?:exist|have)|does not exist)"
        r"|unknown (?:user|recipient|address|account|mailbox|local)|no such (?:user|recipient|address|mailbox|account|person"
        r"|local)|no (?:mailbox|account|user)\b"
        r"|(?:user|address|recipient|mailbox|account|alias|e-?mail|email address|adresse|person|rcpt).{0,60}(?:does(?:n'?t"
        r"| not) exist|not exist|not found|unknown|invalid|undeliverable|unavailable|not (?:be found|listed|recogni[sz]ed"
        r"|known|valid|available|our customer)|couldn'?t be found|wasn'?t found|n'existe|rejected|incorrect)|(?:invalid|bad"
        r"|undeliverable|nonexistent|non-existent|unrecogni[sz]ed) (?:recipient|address|mailbox|user|destination)"
        r"|this user doesn'?t have|not our customer|\b5\.1\.1\b|\b5\.1\.10\b|\b5\.1\.0\b|\b550 5\.2\.1\b"
        r"|couldn'?t be delivered|delivery to the following recipients? failed|not a known user|存在しない"
        r"|宛先.{0,40}(?:見つかり|不明)|no existe|não existe|не существует|inexistant|unbekannt",
    ),
    (
        "delayed",
        r"delay(?:ed)?|retry timeout|timed? ?out|timeout|time limit|expired|could not be delivered for|undeliver\w+ for"
        r"|still being retried|will (?:keep|continue|retry)|(?:been|be) (?:in the queue|retried)|too many (?:connections"
        r"|hops|retries|concurrent)|too long|connection (?:refused|reset|timed|died|lost|dropped)|could not connect|no route"
        r"|network|temporar|try again|deferred|greylist|service (?:unavailable|not available)|system (?:error|resources|not"
        r"|full)|resources|load|loops?|4\.\d\.\d|unable to (?:connect|deliver|run|open)|pipe|script|command|local error"
        r"|mailer error|queue",
    ),
]
_PATTERNS = [(reason, re.compile(pattern, re.I)) for reason, pattern in _WORDS]
_STATUS = {
    "1.1": "unknown_address",
    "1.0": "unknown_address",
    "1.3": "unknown_address",
    "1.10": "unknown_address",
    "1.2": "unknown_domain",
    "1.6": "moved",
    "1.8": "refused_policy",
    "1.7": "refused_policy",
    "2.1": "suspended",
    "2.2": "full",
    "2.3": "too_big",
    "3.4": "too_big",
    "4.7": "delayed",
    "4.4": "unknown_domain",
    "4.6": "delayed",
    "4.1": "delayed",
    "4.2": "delayed",
    "4.3": "delayed",
    "7.1": "refused_policy",
    "1.9": "takes_no_mail",
}
_SUBJECT = re.compile(
    r"^\s*(?:(?:fwd?|wg)\s*:\s*)?(?:undeliver(?:able|ed)|mail (?:delivery|system) (?:fail|error|problem|status)"
    r"|delivery (?:status|failure|notification|has failed|delayed|problem|report)|delivery[- ]status|failure notice"
    r"|failed (?:delivery|mail)"
    r"|returned mail|returned to sender|mail could not be delivered|mail returned|message (?:delivery|delayed|undeliverable"
    r"|could not|status)|non[- ]?delivery|(?:permanent|temporary) delivery fail|warning: (?:message|could not send)"
    r"|delayed mail|could not (?:send|deliver)|unzustellbar|nicht zustellbar|zustellung(?:sfehler| fehlgeschlagen)"
    r"|fehlgeschlagene zustellung"
    r"|onbestelbaar|non remis|échec de (?:la )?(?:remise|distribution)|no se puede entregar|no entregado|devuelto"
    r"|não (?:entregue|é possível entregar)|falha na entrega|impossibile recapitare|mancato recapito|niedostarcz"
    r"|nie można dostarczyć|nedoručiteln|ваше сообщение не доставлено|недоставлен|не удалось доставить"
    r"|kunde inte levereras|kan ikke leveres"
    r"|退信|系统退信|無法傳遞|无法送达|無法投遞|未送達|配信不能|配信できません|送信できませんでした|メールを配信"
    r"|배달 (?:실패|불가)|ตีกลับ|không gửi được|iletilemedi|gagal terkirim)",
    re.I,
)
_BODY = re.compile(
    r"(?:this (?:message|is a message|is the) .{0,40}(?:created|generated) automatically by (?:the )?(?:mail|e-mail)"
    r"|this is the (?:mail system|qmail|mail delivery|exim|\S+ program)|hi\. this is the"
    r"|i'?m sorry to have to inform you|could not be delivered to|unable to deliver (?:your|to|the|message)"
    r"|your (?:message|mail|e-mail).{0,60}(?:could not|was not|has not|cannot|couldn'?t) (?:be )?(?:delivered|sent)"
    r"|the following (?:address|recipient|message|destination|mail|user)\w*.{0,60}(?:fail|error|could not|had|undeliver|not)"
    r"|transcript of session follows|delivery to the following recipient|permanent(?: fatal)? error|returned (?:mail"
    r"|to sender|message)|mail delivery (?:failed|subsystem)|address(?:es)? failed|did not reach the following"
    r"|was undeliverable|can'?t be delivered"
    r"|could not send message for|message you sent .{0,60}(?:could not|bounced|rejected)|\"?notificationtype\"?\s*:\s*\"?bounce)",
    re.I | re.S,
)
_STILL_TRYING = re.compile(
    r"\bdelayed\b|still being retried|will (?:keep|continue|be retried)|no action is required|warning message only"
    r"|temporary delivery",
    re.I,
)
_CODE = re.compile(r"\b[45]\d\d[ -]|\b[45]\.\d\.\d")
_ORIGINAL_HEAD = re.compile(r"^[> ]{0,4}(?:received|message-id|return-path|mime-version|x-mailer|x-original-to)\s*:", re.I | re.M)
_ADDRESS = re.compile(r"<?([\w.+=%#&'*/?^`{|}~!$-]{1,64}@[\w.-]{1,180}\.[a-z]{2,24})>?", re.I)
_ID = re.compile(r"^[> ]{0,4}message-id\s*:\s*<([^<>\s]{3,300})>", re.I | re.M)


def read(mail: Mail) -> Report:
    """The report in a mail that is known to be one."""
    fields = _status_fields(mail)
    said = human_text(mail)
    words = " ".join([fields.get("diagnostic-code", ""), fields.get("x-display-name", ""), said]).strip()
    action = fields.get("action", "").split()[0].lower() if fields.get("action") else ""
    reason = _reason(fields.get("status", ""), fields.get("diagnostic-code", ""), said, mail.subject)
    if action == "delayed" and reason in PERMANENT:
        reason = "delayed"
    failed = action not in ("delivered", "relayed", "expanded", "deliverable")
    final = failed and action != "delayed" and not (not action and _STILL_TRYING.search(f"{mail.subject} {said[:2000]}"))
    return Report(
        _address(mail, fields, said), reason, reason in PERMANENT, failed, final, original_id(mail), re.sub(r"\s+", " ", words)[:300]
    )


def reads_like_one(mail: Mail) -> bool:
    """Without a standard's mark: its subject and its words are a server's, and it quotes a server or a returned mail's headers."""
    named = bool(_SUBJECT.search(mail.subject)) or mail.headers.has("x-failed-recipients")
    return named and _reports(mail)


def speaks_of_failure(mail: Mail) -> bool:
    """Its subject or its words are a server's."""
    return bool(_SUBJECT.search(mail.subject)) or bool(original_id(mail)) or _reports(mail)


def _reports(mail: Mail) -> bool:
    text = _all_text(mail)
    return bool(_BODY.search(text) and (_ORIGINAL_HEAD.search(text) or _CODE.search(text) or original_id(mail)))


def human_text(mail: Mail) -> str:
    """What the server wrote for people: the text above the returned mail."""
    text = mail.text[:_LOOK]
    cut = re.search(
        r"^[-_ =>#]{0,60}(?:this is a copy of|(?:below (?:this line )?is|here is|start of) (?:a copy|the)|original message"
        r"|copy of (?:your|the|message)|returned message|unsent message (?:below|follows)|undelivered[- ]message"
        r"|message (?:header|text) follow|forwarded message|"
        r"the (?:header|body) of (?:the )?(?:original|message)|received:|return-path:).{0,80}$",
        text,
        re.I | re.M,
    )
    return text[: cut.start()] if cut and cut.start() > 20 else text


def original_id(mail: Mail) -> str:
    """The Message-ID of the mail that came back, "" if the report does not name it."""
    for part in mail.root.leaves():
        if part.type in _ORIGINALS:
            found = _ID.search(decode(part.data()[:60_000]))
            if found:
                return found[1]
    found = _ID.search(_all_text(mail))
    ids = mail.headers.ids("in-reply-to") or mail.headers.ids("references")
    return found[1] if found else (ids[-1] if ids else "")


def _all_text(mail: Mail) -> str:
    return mail.text[: _LOOK * 3]


def _status_fields(mail: Mail) -> dict[str, str]:
    """The fields of the machine-readable part; of several recipients the first that failed."""
    for part in mail.root.leaves():
        if part.type in ("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status"):
            blocks = [dict(_fields(block)) for block in re.split(r"\r?\n[ \t]*\r?\n", decode(part.data()[:60_000]))]
            recipients = [block for block in blocks if "final-recipient" in block or "action" in block or "status" in block]
            failed = [block for block in recipients if block.get("action", "failed").lower().startswith("failed")]
            return next(iter(failed or recipients), {})
    return {}


def _fields(block: str) -> Iterator[tuple[str, str]]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", block)
    for line in unfolded.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), mail_headers.words(value.strip())


def _reason(status: str, diagnostic: str, said: str, subject: str) -> str:
    """By the server's answer, then by its text, then by the status alone."""
    for text in (diagnostic, said, subject):
        found = next((reason for reason, pattern in _PATTERNS if pattern.search(text[:4000])), "")
        if found and not (found == "delayed" and text is diagnostic and _by_status(status) not in ("", "delayed")):
            return found
    return _by_status(status) or "other"


def _by_status(status: str) -> str:
    found = re.search(r"([245])\.(\d{1,3}\.\d{1,3})", status)
    if not found:
        return ""
    known = _STATUS.get(found[2], "")
    return "delayed" if found[1] == "4" and known in PERMANENT else known


def _address(mail: Mail, fields: dict[str, str], said: str) -> str:
    for given in (fields.get("original-recipient", ""), fields.get("final-recipient", ""), mail.headers.text("x-failed-recipients"), said):
        found = _ADDRESS.search(given)
        if found and not re.match(r"(?:mailer-daemon|postmaster)@", found[1], re.I):
            return found[1].lower()
    return ""
