"""A small IMAP4rev1 server (RFC 3501, IDLE RFC 2177, UIDPLUS' APPENDUID RFC 4315) over the mailboxes of the sandbox."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from bridgedesk.sandbox import imap_search
from bridgedesk.sandbox.imap_wire import Bad, Command, Value, announced, numbers, parse, text
from bridgedesk.sandbox.mailbox import Folder, Mailbox, Stored
from bridgedesk.sandbox.world import World

CAPABILITIES = "IMAP4rev1 IDLE LITERAL+ UIDPLUS"
MAX_LITERAL = 40 * 1024 * 1024
MACROS = {"FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]}
_STATUS: dict[str, Callable[[Folder], int]] = {
    "MESSAGES": lambda folder: len(folder.mails),
    "RECENT": lambda _folder: 0,
    "UIDNEXT": lambda folder: folder.next_uid,
    "UIDVALIDITY": lambda folder: folder.validity,
    "UNSEEN": lambda folder: sum("\\Seen" not in mail.flags for mail in folder.mails),
}


class No(Exception):
    """Refused; answered NO."""


async def serve(world: World, boxes: dict[str, Mailbox], port: int) -> asyncio.Server:
    """Listen on loopback."""
    return await asyncio.start_server(partial(_greet, world, boxes), "127.0.0.1", port, limit=1 << 20)


async def _greet(world: World, boxes: dict[str, Mailbox], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    session = Session(world, boxes, reader, writer)
    try:
        await session.run()
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        pass
    finally:
        session.leave()
        writer.close()


class Session:
    """One connection."""

    def __init__(self, world: World, boxes: dict[str, Mailbox], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.world, self.boxes, self.reader, self.writer = world, boxes, reader, writer
        self.box: Mailbox | None = None
        self.folder: Folder | None = None
        self.read_only = False
        self.known: list[Stored] = []
        self.changed = asyncio.Event()

    async def run(self) -> None:
        """Greet, then answer until log-out."""
        self.line(f"* OK [CAPABILITY {CAPABILITIES}] sandbox ready")
        command: Command | None = None
        while command is None or command.name != "LOGOUT":
            await self.writer.drain()
            command = await self._answer_one()
        await self.writer.drain()

    def line(self, words: str) -> None:
        """Send one line."""
        self.writer.write(words.encode("utf-8", "surrogateescape") + b"\r\n")

    def leave(self) -> None:
        """Let go of the selected folder."""
        if self.folder:
            self.folder.unwatch(self.changed)
        self.folder = None

    async def _answer_one(self) -> Command | None:
        tag = "*"
        try:
            command = await self._read()
            tag = command.tag
            if self.world.trouble("imap", "drop"):
                raise ConnectionResetError
            done = await self._dispatch(command)
            self._news()
            self.line(f"{tag} OK {done}")
        except Bad as bad:
            self.line(f"{tag} BAD {bad}")
            return None
        except No as no:
            self.line(f"{tag} NO {no}")
            return None
        return command

    async def _read(self) -> Command:
        lines, literals = [await self._line()], []
        while size := announced(lines[-1]):
            if size[0] > MAX_LITERAL:
                raise ConnectionResetError
            if not size[1]:
                self.line("+ go on")
                await self.writer.drain()
            literals.append(await self.reader.readexactly(size[0]))
            lines.append(await self._line())
        return parse(lines, literals)

    async def _line(self) -> bytes:
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError
        return line.rstrip(b"\r\n")

    async def _dispatch(self, command: Command) -> str:
        if command.name in ANY:
            return await ANY[command.name](self, command)
        if not self.box:
            raise No("log in first")
        if command.name in LOGGED_IN:
            return await LOGGED_IN[command.name](self, self.box, command)
        if command.name not in SELECTED:
            raise Bad(f"unknown command {command.name}")
        if not self.folder:
            raise Bad("select a folder first")
        return await SELECTED[command.name](self, self.folder, command)

    def _news(self) -> None:
        """Tell of mails that came since, and end the session when the UIDs are no longer what they were."""
        if not self.folder:
            return
        if len(self.folder.mails) > len(self.known):
            self.line(f"* {len(self.folder.mails)} EXISTS")
        self.known = list(self.folder.mails)

    async def capability(self, _command: Command) -> str:
        self.line(f"* CAPABILITY {CAPABILITIES}")
        return "CAPABILITY done"

    async def noop(self, _command: Command) -> str:
        return "NOOP done"

    async def logout(self, _command: Command) -> str:
        self.line("* BYE until next time")
        return "LOGOUT done"

    async def login(self, command: Command) -> str:
        address, password = (text(arg) for arg in _args(command, 2))
        box = self.boxes.get(address.lower())
        if not box or box.password != password:
            raise No("[AUTHENTICATIONFAILED] wrong address or password")
        self.box = box
        return f"[CAPABILITY {CAPABILITIES}] logged in"

    async def select(self, box: Mailbox, command: Command) -> str:
        self.leave()
        folder = _folder(box, _args(command, 1)[0])
        if self.world.trouble("imap", "uidvalidity"):
            folder.renumber()
        self.folder, self.read_only = folder, command.name == "EXAMINE"
        self.known = list(folder.mails)
        folder.watch(self.changed)
        self.line(f"* {len(folder.mails)} EXISTS")
        self.line("* 0 RECENT")
        self.line("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)")
        self.line("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] flags")
        self.line(f"* OK [UIDVALIDITY {folder.validity}] UIDs")
        self.line(f"* OK [UIDNEXT {folder.next_uid}] next")
        return "[READ-ONLY] done" if self.read_only else "[READ-WRITE] done"

    async def list_folders(self, box: Mailbox, command: Command) -> str:
        _reference, pattern = (text(arg) for arg in _args(command, 2))
        for name in [n for n in box.folders if pattern in ("*", "%", n)]:
            special = f" \\{name}" if name != "INBOX" else ""
            self.line(f'* {command.name} (\\HasNoChildren{special}) "/" "{name}"')
        if not pattern:
            self.line(f'* {command.name} (\\Noselect) "/" ""')
        return f"{command.name} done"

    async def status(self, box: Mailbox, command: Command) -> str:
        name, items = _args(command, 2)
        folder = _folder(box, name)
        wanted = [text(item).upper() for item in items] if isinstance(items, list) else []
        if not wanted or not set(wanted) <= _STATUS.keys():
            raise Bad("unknown status item")
        self.line(f'* STATUS "{folder.name}" ({" ".join(f"{item} {_STATUS[item](folder)}" for item in wanted)})')
        return "STATUS done"

    async def append(self, box: Mailbox, command: Command) -> str:
        if len(command.args) < 2 or not isinstance(command.args[-1], bytes):
            raise Bad("APPEND needs a folder and a literal")
        folder = _folder(box, command.args[0])
        flags = frozenset(text(flag) for arg in command.args[1:-1] if isinstance(arg, list) for flag in arg)
        mail = folder.add(command.args[-1], self.world.now(), flags)
        return f"[APPENDUID {folder.validity} {mail.uid}] stored"

    async def idle(self, folder: Folder, _command: Command) -> str:
        self.line("+ idling")
        self._news()
        await self.writer.drain()
        done = asyncio.ensure_future(self._line())
        try:
            while not done.done():
                self.changed.clear()
                change = asyncio.ensure_future(self.changed.wait())
                await asyncio.wait({done, change}, return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
                self._news()
                await self.writer.drain()
        finally:
            if not done.done():
                done.cancel()
        if (await done).upper() != b"DONE":
            raise Bad("DONE was expected")
        return "IDLE done"

    async def search(self, folder: Folder, command: Command) -> str:
        by_uid = command.name.startswith("UID")
        found = [mail.uid if by_uid else number for number, mail in imap_search.search(folder, command.args)]
        self.line("* SEARCH" + "".join(f" {number}" for number in found))
        return "SEARCH done"

    async def fetch(self, folder: Folder, command: Command) -> str:
        chosen, items = _args(command, 2)
        wanted = _items(items)
        if command.name.startswith("UID") and "UID" not in wanted:
            wanted = ["UID", *wanted]
        for number, mail in self._chosen(folder, text(chosen), by_uid=command.name.startswith("UID")):
            if imap_search.marks_seen(wanted) and not self.read_only:
                mail.flags.add("\\Seen")
            self.writer.write(f"* {number} FETCH ".encode() + imap_search.fetched(mail, wanted) + b"\r\n")
            await self.writer.drain()
        return "FETCH done"

    async def store(self, folder: Folder, command: Command) -> str:
        chosen, how, flags = _args(command, 3)
        if self.read_only:
            raise No("read only")
        given = {text(flag) for flag in (flags if isinstance(flags, list) else [flags])}
        word = text(how).upper()
        for number, mail in self._chosen(folder, text(chosen), by_uid=command.name.startswith("UID")):
            mail.flags = mail.flags | given if word[0] == "+" else mail.flags - given if word[0] == "-" else set(given)
            if not word.endswith(".SILENT"):
                self.line(f"* {number} FETCH (UID {mail.uid} FLAGS ({' '.join(sorted(mail.flags))}))")
        return "STORE done"

    async def expunge(self, folder: Folder, _command: Command) -> str:
        if self.read_only:
            raise No("read only")
        gone = [(number, mail) for number, mail in folder.numbered() if "\\Deleted" in mail.flags]
        for number, _mail in reversed(gone):
            self.line(f"* {number} EXPUNGE")
        folder.remove([mail for _number, mail in gone])
        return "EXPUNGE done"

    async def close(self, folder: Folder, _command: Command) -> str:
        if not self.read_only:
            folder.remove([mail for mail in folder.mails if "\\Deleted" in mail.flags])
        self.leave()
        return "CLOSE done"

    def _chosen(self, folder: Folder, word: str, *, by_uid: bool) -> list[tuple[int, Stored]]:
        top = max((mail.uid for mail in folder.mails), default=0) if by_uid else len(folder.mails)
        wanted = numbers(word, top)
        return [(number, mail) for number, mail in folder.numbered() if (mail.uid if by_uid else number) in wanted]


def _args(command: Command, count: int) -> tuple[Value, ...]:
    if len(command.args) != count:
        raise Bad(f"{command.name} takes {count} arguments")
    return command.args


def _folder(box: Mailbox, name: Value) -> Folder:
    folder = box.folder(text(name))
    if folder is None:
        raise No("[NONEXISTENT] no such folder")
    return folder


def _items(items: Value) -> list[str]:
    words = [text(item) for item in (items if isinstance(items, list) else [items])]
    return MACROS.get(words[0].upper(), words) if words else words


ANY: dict[str, Callable[[Session, Command], Awaitable[str]]] = {
    "CAPABILITY": Session.capability,
    "NOOP": Session.noop,
    "LOGOUT": Session.logout,
    "LOGIN": Session.login,
}
LOGGED_IN: dict[str, Callable[[Session, Mailbox, Command], Awaitable[str]]] = {
    "SELECT": Session.select,
    "EXAMINE": Session.select,
    "LIST": Session.list_folders,
    "LSUB": Session.list_folders,
    "STATUS": Session.status,
    "APPEND": Session.append,
}
SELECTED: dict[str, Callable[[Session, Folder, Command], Awaitable[str]]] = {
    "IDLE": Session.idle,
    "CHECK": lambda session, _folder, command: session.noop(command),
    "CLOSE": Session.close,
    "EXPUNGE": Session.expunge,
    **{f"{prefix}SEARCH": Session.search for prefix in ("", "UID ")},
    **{f"{prefix}FETCH": Session.fetch for prefix in ("", "UID ")},
    **{f"{prefix}STORE": Session.store for prefix in ("", "UID ")},
}
