"""Bytes of a mail to text, whatever they are called: names mail programs use, wrong labels, no label at all."""

import codecs
import re

_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso8859_8",
    "unicode-1-1-utf-7": "utf_7",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "koi8-ru": "koi8_u",
    "utf8mb4": "utf_8",
    "unicode": "utf_16",
    "unknown-8bit": "",
    "x-unknown": "",
    "us-ascii": "",
    "ascii": "",
    "ansi_x3.4-1968": "",
    "8bit": "",
    "binary": "",
}
_NOT_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_STATEFUL = {"iso2022_jp_ext", "iso2022_jp", "iso2022_kr", "hz", "utf_7", "utf_16", "utf_16_be", "utf_16_le", "utf_32"}
_JAPANESE = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
_SAMPLE = 16_000


def decode(data: bytes, label: str = "") -> str:
    """The text; never fails. A label is believed unless the bytes contradict it: valid UTF-8 beyond ASCII wins over a
    single-byte label, and what does not decode is guessed from the bytes."""
    codec = codec_of(label)
    if codec in _STATEFUL:
        return _try(data, codec) or _guess(data)
    as_utf8 = _try(data, "utf_8")
    if as_utf8 is not None and (data.isascii() or codec in ("", "utf_8") or _plausible(as_utf8)):
        return as_utf8 if not any(mark in data for mark in _JAPANESE) else _try(data, "iso2022_jp_ext") or as_utf8
    found = _try(data, codec) if codec and codec != "utf_8" else None
    return found if found is not None else _guess(data, "utf_8" if codec == "utf_8" else "")


def codec_of(label: str) -> str:
    """Python's codec for a label, "" when it names none, ASCII, or no text encoding."""
    name = re.sub(r"[\s\"']", "", label).lower()[:40]
    name = _ALIASES.get(name, name)
    if re.fullmatch(r"(?:cp|ibm|windows|win)-?\d{3,5}", name):
        name = "cp" + re.sub(r"\D", "", name)
    try:
        found = codecs.lookup(name) if name else None
    except (LookupError, ValueError):
        return ""
    if found is None or not getattr(found, "_is_text_encoding", True):
        return ""
    plain = found.name.replace("-", "_")
    return "" if plain in _NOT_TEXT else plain


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _plausible(text: str) -> bool:
    """Whether text that happens to be valid UTF-8 is: two characters beyond ASCII are no accident."""
    return sum(1 for letter in text[:_SAMPLE] if ord(letter) > 0xFF) > 0 or sum(1 for letter in text[:_SAMPLE] if ord(letter) > 0x7F) > 1


def _guess(data: bytes, likely: str = "") -> str:
    """By the mail's own statistics; damaged UTF-8 stays UTF-8 when little of it is damaged."""
    if likely:
        text = data.decode(likely, "replace")
        if text.count("\ufffd") * 20 <= len(text):
            return text
    from charset_normalizer import from_bytes  # with its tables some megabytes, which the web process need not carry

    found = from_bytes(data[:_SAMPLE]).best() if len(data) > 3 else None
    return data.decode(found.encoding if found else "cp1252", "replace")
