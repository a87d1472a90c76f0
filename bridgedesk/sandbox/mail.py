"""The pretend mail world: our shops' mailboxes, the buyers' addresses, and what happens to a mail in between."""

from collections.abc import Callable
from email.message import EmailMessage

from bridgedesk.sandbox import letters
from bridgedesk.sandbox.letters import Letter
from bridgedesk.sandbox.mailbox import Mailbox
from bridgedesk.sandbox.world import World

BUYER_DOMAINS = ("mail.example", "post.example", "inbox.example", "correo.example")
Heard = Callable[[str, str, EmailMessage], None]


class Mail:
    """Delivers both ways. Mailboxes are our shops'; anybody else with a known address is a buyer."""

    def __init__(self, world: World, accounts: dict[str, str]) -> None:
        self.world = world
        validity = int(world.now().timestamp())
        self.boxes = {address.lower(): Mailbox(address.lower(), password, validity) for address, password in accounts.items()}
        self.people: set[str] = set()
        self.on_answer: list[Heard] = []

    def message_id(self, domain: str = "mail.example") -> str:
        """A new Message-ID."""
        return f"<{self.world.serial():x}@{domain}>"

    def deliver(self, address: str, data: bytes) -> int:
        """Put a mail into one of our mailboxes; its UID. KeyError for a mailbox we do not keep."""
        return self.boxes[address.lower()].inbox.add(data, self.world.now()).uid

    def buyer_writes(self, letter: Letter, *, relay_order: str = "") -> str:
        """A buyer's mail arrives now; its Message-ID. `relay_order` sends it through Amazon's relay."""
        self.people.add(letter.address.lower())
        message_id = self.message_id(letter.address.rsplit("@", 1)[-1])
        data = letters.relayed(letter, message_id, relay_order) if relay_order else letters.compose(letter, message_id)
        self.deliver(letter.to, data)
        return message_id

    def hand(self, sender: str, recipient: str, mail: EmailMessage) -> None:
        """A mail of ours: into a mailbox of ours, to a buyer who hears it, or back as undeliverable."""
        address = recipient.lower()
        if address in self.boxes:
            self.deliver(address, mail.as_bytes())
        elif address in self.people:
            for heard in self.on_answer:
                heard(sender, address, mail)
        elif sender.lower() in self.boxes:
            self.world.spawn(self._come_back(sender, recipient, mail))

    async def _come_back(self, sender: str, recipient: str, mail: EmailMessage) -> None:
        await self.world.wait(5)
        self.deliver(sender, letters.bounce(mail, recipient, self.world.now(), self.message_id()))
