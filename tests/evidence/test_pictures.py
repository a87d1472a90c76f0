"""Copies of pictures: as large as the form takes, without what the camera noted; what cannot be drawn is left alone."""

import io
import struct
import zlib
from datetime import date

import pytest
from PIL import Image

from bridgedesk.channels.policy import SURE
from bridgedesk.evidence import pictures


def noise(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert(mode).save(out, kind, **more)
    return out.getvalue()


def opened(data: bytes | None) -> Image.Image:
    assert data
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("GIF", "P"), ("WEBP", "RGB")]
)
def test_every_kind_becomes_a_jpeg_within_the_limits(kind, mode):
    copy = pictures.copy(noise(900, 600, kind, mode), 300, 40_000)
    assert opened(copy).format == "JPEG"
    assert max(opened(copy).size) <= 300
    assert len(copy) <= 40_000


def test_a_small_picture_is_not_blown_up():
    assert opened(pictures.copy(noise(120, 80), 2000, 2_000_000)).size == (120, 80)


def test_where_quality_is_not_enough_it_grows_smaller():
    copy = pictures.copy(noise(2000, 2000), 2000, 100_000)
    assert len(copy) <= 100_000
    assert max(opened(copy).size) < 2000


def test_it_stands_upright_and_tells_nothing_of_the_camera():
    picture, out = Image.new("RGB", (400, 200), "red"), io.BytesIO()
    noted = Image.Exif()
    noted[0x0112], noted[0x010F] = 6, "SECRETCAM"
    picture.save(out, "JPEG", exif=noted)
    copy = pictures.copy(out.getvalue(), 400, 1_000_000)
    assert opened(copy).size == (200, 400)
    assert b"SECRETCAM" not in copy
    assert not opened(copy).getexif()


def test_what_is_clear_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(pictures.copy(out.getvalue(), 300, 100_000)).getpixel((5, 5)) == (255, 255, 255)


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few bytes that says it is 900 million points large."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(100_000))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


@pytest.mark.parametrize(
    "data", [bomb(), b"", b"\xff\xd8\xff\xe0 no picture", b"GIF89a", noise(300, 300)[:900], b"<svg onload='x'/>", b"%!PS"]
)
def test_bombs_and_rubbish_are_not_drawn(data):
    assert pictures.copy(data, 500, 100_000) is None or data == noise(300, 300)[:900]


def test_every_platform_has_a_form_with_its_source():
    for name in ("shopee", "amazon", "aliexpress", "email", "no such platform"):
        form = pictures.form(name)
        assert form.longest >= 1000
        assert form.bytes <= 10_000_000
        assert form.sure in SURE
        assert form.source
        assert isinstance(form.as_of, date)
    assert pictures.form("shopee").sure == "unconfirmed"
