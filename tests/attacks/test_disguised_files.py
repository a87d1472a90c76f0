"""Files that are two things at once, and names that lie: fetched as a browser would, none is ever anything but a file to save."""

import ast
import io
import re
import zipfile
from pathlib import Path

import pytest

import bridgedesk
from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions
from bridgedesk.lib import clock, filenames
from bridgedesk.lib.filetypes import RASTER

SCRIPT = b"<script>alert(document.domain)</script>"
HARMLESS = RASTER | {"text/plain", "application/pdf", "application/zip", "application/octet-stream", "video/mp4", "image/heic"}


def a_zip(name="x.js", text=SCRIPT):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, text)
    return file.getvalue()


DISGUISES = {
    "gif that is a script": b"GIF89a/*" + b"\0" * 8 + b"*/=1;alert(1)//",
    "gifar": b"GIF89a" + b"\0" * 64 + a_zip("META-INF/MANIFEST.MF"),
    "jpeg that is html": b"\xff\xd8\xff\xe0" + SCRIPT,
    "png that is svg": b"\x89PNG\r\n\x1a\n" + b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "pdf with script": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
    "pdf that is html": b"%PDF-1.7\n" + SCRIPT,
    "zip of html": a_zip("index.html"),
    "html after spaces": b"\n" * 600 + SCRIPT,
    "html after a mark": b"\xef\xbb\xbf" + SCRIPT,
    "html in utf-16": "\ufeff<script>alert(1)</script>".encode("utf-16"),
    "html in utf-7": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "mhtml": b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n" + SCRIPT,
    "film that is html": b"\0\0\0\x18ftypisom" + SCRIPT,
    "xsl": b"<?xml-stylesheet type='text/xsl' href='#x'?><x/>",
    "shortcut": b"[InternetShortcut]\r\nURL=file://evil.example/share\r\n",
}
NAMES = (
    "photo.jpg.html", "photo.html\0.jpg", "invoice\u202egpj.svg", "a\r\nContent-Type: text/html\r\n\r\n<script>.png",
    'a"; filename="evil.html', "a;filename*=UTF-8''evil.html", "\u200b.htaccess", "x" * 4000 + ".svg", "../../static/x.js",
    "＜script＞.png", "%0d%0aSet-Cookie:x=1.png", "con.png", "a.php;.jpg", "web.config", "\ud83d\ude00.png", "évil.xht",
)  # fmt: skip
WANTS = ("", "image", "document", "iframe", "embed", "object", "script", "empty", "video")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": kept}


@pytest.fixture
def sent(shop):
    """A buyer sends these files; how they are kept."""

    def send(*files):
        came = actions.receive(shop, MessageReceived("t1", "m1", Person("anna"), clock.now(), "See", files=files))
        return list(came.attachments.order_by("id"))

    return send


def assert_harmless(answer, wanted):
    kind = answer.headers["Content-Type"].partition(";")[0]
    assert answer.status_code == 200
    assert kind in HARMLESS
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "allow-" not in answer.headers["Content-Security-Policy"]
    disposition = answer.headers["Content-Disposition"]
    shown = kind in RASTER and wanted == "image"
    assert disposition.startswith("inline" if shown else "attachment")
    assert not set("\r\n\0") & set("".join(f"{name}{value}" for name, value in answer.headers.items()))
    assert "Set-Cookie" not in answer.headers
    assert re.fullmatch(r"""\w+; filename(="[^"\\]*"|\*=utf-8''[\w.%~!#$&+^`|()'-]*)""", disposition, re.IGNORECASE), disposition


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_file_is_shown_as_what_it_hides(disguise, sent, bob, sign_in):
    kept = sent(File(name="photo.png", data=DISGUISES[disguise]))[0]
    for wanted in WANTS:
        answer = sign_in(bob).get(f"/files/{kept.token}", headers={"sec-fetch-dest": wanted})
        assert_harmless(answer, wanted)
        assert answer.getvalue() == DISGUISES[disguise]


def test_no_name_of_a_buyer_leaves_its_place_in_the_answer(sent, bob, sign_in):
    rows = sent(*(File(name=name.encode("utf-8", "replace").decode(), data=b"\x89PNG\r\n\x1a\n") for name in NAMES))
    for row in rows:
        assert_harmless(sign_in(bob).get(f"/files/{row.token}"), "")


def test_the_ending_a_system_would_go_by_is_the_one_people_see():
    assert filenames.clean("photo.jpg\u2800\u3164                                   .exe").endswith(".exe")
    assert filenames.clean("invoice\u202egpj.exe") == "invoicegpj.exe"
    assert filenames.clean("a.jpg" + " " * 300 + ".exe").endswith(".exe")
    assert len(filenames.clean("a.jpg" + "_" * 300 + ".exe")) <= filenames.MAX_LENGTH


def test_an_archive_of_a_buyer_is_a_file_and_nothing_opens_it(sent, bob, sign_in):
    bomb = a_zip("bomb", b"\0" * 20_000_000)
    nested = a_zip("inner.zip", bomb)
    kept = sent(File(name="photos.zip", data=nested))[0]
    assert (kept.type, kept.size) == ("application/zip", len(nested))


OPENERS = {
    "zipfile",
    "tarfile",
    "lzma",
    "bz2",
    "gzip",
    "shutil.unpack_archive",
    "PIL",
    "xml",
    "lxml",
    "pickle",
    "marshal",
    "shelve",
    "yaml",
}
MAY_OPEN = {
    ("lib/backup.py", "tarfile"),
    ("sandbox/amazon_reports.py", "gzip"),
    ("lib/workbook.py", "zipfile"),
    ("imports/workbooks.py", "zipfile"),
    ("evidence/sealing.py", "zipfile"),
    ("evidence/picture_child.py", "PIL"),
}
"""Backups are ours, the pretend Amazon packs its reports, workbooks are written, and those a lead uploads looked at;
evidence is packed and checked; its pictures are drawn again by a process of its own which knows nothing and may take little.
Nothing else of the program may unpack, draw or parse what it is given."""


def test_nothing_of_the_program_unpacks_what_buyers_send():
    package = Path(bridgedesk.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {(path.relative_to(package).as_posix(), name) for name in names + module if name.split(".")[0] in OPENERS}
    assert found == MAY_OPEN
