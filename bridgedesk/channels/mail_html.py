"""HTML of a stranger: cleaned for our page, and as text.

Cleaned means: a short list of tags, no style, no class, no id, no script in any disguise, links to the web, mail and
telephone only, and no image that would tell its sender that the mail was read. Remote images are listed, not loaded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

import nh3

MAX_HTML = 1_000_000  # characters that are read
MAX_TAGS = 20_000
MAX_NESTED = 200
_TAG_NAMES = (
    "a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em h1 h2 h3 h4 h5 h6 "
    "hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u "
    "ul var wbr font "
)
_TAGS = set(_TAG_NAMES.split())
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]{1,200000}$")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNNESTED = {"br", "img", "hr", "meta", "link", "input", "col", "wbr", "area", "base", "p", "li", "td", "th", "tr", "dd", "dt", "option"}
_OPEN, _CLOSE = "\ue000", "\ue001"  # private-use marks around a quotation


@dataclass(frozen=True)
class Cleaned:
    """What may be shown; `remote` are the addresses of images that were left out; `flattened` when only text survived."""

    html: str
    remote: tuple[str, ...] = ()
    flattened: bool = False


def clean(html: str, images: Mapping[str, str] | None = None, *, keep_remote: bool = False) -> Cleaned:
    """`html` fit for our page. `images` maps a content id to the address of its attachment.

    `keep_remote` leaves remote images in, for a frame whose policy loads none until the reader asks.
    """
    remote: dict[str, None] = {}
    own = images or {}

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return _image(value, own, remote) or (value if keep_remote and _LINK.match(value.strip()) else None)
        if name == "href":
            return value if _LINK.match(value.strip()) else None
        return value

    html = _bounded(html)
    if _is_bomb(html):
        return Cleaned(f"<pre>{escape(_without_tags(html))}</pre>", flattened=True)
    done = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Cleaned(done, tuple(remote))


def to_text(html: str) -> str:
    """`html` as text, quotations marked with ">" as mail programs mark them in plain text."""
    html = _bounded(html).replace(_OPEN, "").replace(_CLOSE, "")
    if _is_bomb(html):
        return _without_tags(html)
    plain = nh3.clean(html, tags=_TAGS - {"img"}, attributes={})
    marked = plain.replace("<blockquote>", f"<div>{_OPEN}</div><blockquote>").replace("</blockquote>", f"</blockquote><div>{_CLOSE}</div>")
    from inscriptis import get_text  # with lxml some megabytes, which the web process need not carry
    from inscriptis.model.config import ParserConfig

    text = get_text(f"<html><body>{marked}</body></html>", ParserConfig(display_links=False, display_images=False))
    return re.sub(r"\n{3,}", "\n\n", _mark_quotes(text)).strip()


def _bounded(html: str) -> str:
    return html.replace("\x00", "") if len(html) <= MAX_HTML else html[:MAX_HTML].rsplit("<", 1)[0].replace("\x00", "")


def _is_bomb(html: str) -> bool:
    """More tags, or deeper nested ones, than a person writes: parsers take quadratic time over those."""
    depth = 0
    for count, found in enumerate(_TAG.finditer(html)):
        if found[2].lower() not in _UNNESTED:
            depth = max(0, depth + (-1 if found[1] else 1))
        if depth > MAX_NESTED or count > MAX_TAGS:
            return True
    return False


def _without_tags(html: str) -> str:
    text = re.sub(r"<(?:br|/p|/div|/tr|/li)\b[^<>]{0,200}>", "\n", html, flags=re.IGNORECASE)
    return unescape(re.sub(r"<[^<>]*>?", " ", text)).strip()


def _image(value: str, own: Mapping[str, str], remote: dict[str, None]) -> str | None:
    address = value.strip()
    if address.lower().startswith("cid:"):
        return own.get(address[4:].strip(" <>"))
    if address.lower().startswith(("http://", "https://")):
        remote.setdefault(address[:2000])
        return None
    return address if _DATA_IMAGE.match(address) else None


def _mark_quotes(text: str) -> str:
    depth, lines = 0, []
    for line in text.splitlines():
        depth = max(0, depth + line.count(_OPEN) - line.count(_CLOSE))
        bare = line.replace(_OPEN, "").replace(_CLOSE, "")
        if bare.strip() or (_OPEN not in line and _CLOSE not in line):
            lines.append(f"{'> ' * min(depth, 9)}{bare.strip()}" if depth else bare.rstrip())
    return "\n".join(lines)
