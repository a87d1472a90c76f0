"""What a file is, by its bytes alone; its name and what the sender says it is are never asked."""

UNKNOWN = "application/octet-stream"
RASTER = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""Images a browser draws without running anything."""

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"})
_LOOKED_AT = 4096


def sniff(data: bytes) -> str:
    """The media type of these bytes. Text is only ever plain text, and text with markup is UNKNOWN: nothing here can run."""
    head = data[:_LOOKED_AT]
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _isobmff(head[8:12])
    if len(head) > 3 and head[0] == 0xFF and head[1] in (0xFB, 0xF3, 0xF2, 0xFA):
        return "audio/mpeg"
    return "text/plain" if _is_plain_text(data) else UNKNOWN


def _isobmff(brand: bytes) -> str:
    if brand in _HEIC:
        return "image/heic"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _is_plain_text(data: bytes) -> bool:
    """UTF-8 without control characters and without anything a browser could take for markup."""
    if not data or b"<" in data or b"\x00" in data:
        return False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char >= " " or char in "\t\r\n\f" for char in text)
