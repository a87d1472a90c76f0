"""Buyers who act: each actor writes through a pretend channel, hears our answers, and reacts after a human's pause."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from bridgedesk.sandbox import letters, people, scenery
from bridgedesk.sandbox.aliexpress import SELLER, AliExpress
from bridgedesk.sandbox.aliexpress_im import Talk as ImTalk
from bridgedesk.sandbox.aliexpress_trade import Person
from bridgedesk.sandbox.letters import Letter
from bridgedesk.sandbox.mail import Mail
from bridgedesk.sandbox.people import Buyer, Reaction, Story
from bridgedesk.sandbox.scenery import Stage
from bridgedesk.sandbox.shopee import Shopee
from bridgedesk.sandbox.shopee_chat import Talk
from bridgedesk.sandbox.smtp import plain
from bridgedesk.sandbox.world import World

PAUSE = (2.0, 9.0)  # minutes a buyer takes to react
Key = tuple[str, str]


@dataclass
class Actor:
    """A buyer in a story. `heard` counts our answers, so that a stale silence does nothing."""

    place: Stage
    buyer: Buyer
    story: Story
    state: str = people.START
    heard: int = 0
    letter: EmailMessage | None = None


class Cast:
    """Everybody who acts now, and those of the seeded past who will when answered (`known`)."""

    def __init__(
        self, world: World, shopee: Shopee, aliexpress: AliExpress, mail: Mail, known: Mapping[Key, tuple[Stage, Buyer, Story]]
    ) -> None:
        self.world, self.shopee, self.aliexpress, self.mail, self.known = world, shopee, aliexpress, mail, known
        self.actors: dict[Key, Actor] = {}
        shopee.on_answer.append(self._hear_chat)
        aliexpress.on_answer.append(self._hear_im)
        mail.on_answer.append(self._hear_mail)
        mail.people |= {address for _shop, address in known if "@" in address}

    def enter(self, story: str = "", *, shop: str = "", language: str = "") -> dict[str, str]:
        """Let a new buyer write now; who it is."""
        chance = self.world.random
        place = scenery.stage(shop) if shop else chance.choices(scenery.STAGES, [stage.weight for stage in scenery.STAGES])[0]
        buyer = scenery.draw_buyer(place, chance, language)
        actor = Actor(place, buyer, people.stories()[story] if story else people.draw_story(chance))
        self.actors[key(place, buyer)] = actor
        self._say(actor, "opening", with_photo=actor.story.photo)
        return {"shop": place.key, "story": actor.story.key, "name": buyer.name, "language": buyer.language,
                "buyer": key(place, buyer)[1], "order": buyer.order}  # fmt: skip

    async def keep_coming(self, minutes: float) -> None:
        """New buyers for ever, one every `minutes` or so."""
        while True:
            await self.world.wait(60 * minutes * self.world.random.uniform(0.4, 1.6))
            self.enter()

    async def keep_buying(self, minutes: float) -> None:
        """New orders for ever on Shopee and AliExpress, one every `minutes` or so; now and then a buyer thinks again."""
        while True:
            await self.world.wait(60 * minutes * self.world.random.uniform(0.4, 1.6))
            self.order()

    def order(self, shop: str = "") -> str:
        """Somebody new buys in a shop of a marketplace; the order's number."""
        chance = self.world.random
        place = scenery.stage(shop) if shop else chance.choice([stage for stage in scenery.STAGES if stage.kind in scenery.CHATS])
        buyer, trade = scenery.draw_buyer(place, chance), self.shopee.trade
        if place.kind == "aliexpress":
            return self.aliexpress.market.buy(person(buyer), buyer.order).id
        sale = trade.buy(self.shopee.shops[int(place.key)], buyer.user_id, handle(buyer), buyer.order)
        if chance.random() < 0.1:
            trade.wish_to_cancel(sale)
        return sale.order_sn

    def _hear_chat(self, talk: Talk, text: str, _files: object) -> None:
        self._hear((str(talk.shop.shop_id), str(talk.buyer_id)), text, None)

    def _hear_im(self, talk: ImTalk, text: str) -> None:
        self._hear((str(SELLER), str(talk.buyer_id)), text, None)

    def _hear_mail(self, sender: str, address: str, letter: EmailMessage) -> None:
        if str(letter["Auto-Submitted"] or "no").lower() == "no":
            self._hear((sender.lower(), address), plain(letter), letter)

    def _hear(self, who: Key, text: str, letter: EmailMessage | None) -> None:
        if who not in self.actors and who in self.known:
            self.actors[who] = Actor(*self.known[who])
        if actor := self.actors.get(who):
            actor.heard += 1
            actor.letter = letter
            if how := people.reaction(actor.story, actor.state, people.stimuli(text)):
                self.world.spawn(self._react(actor, how, self.world.random.uniform(*PAUSE), actor.heard))

    async def _react(self, actor: Actor, how: Reaction, minutes: float, heard: int) -> None:
        await self.world.wait(60 * (how.after or minutes))
        if actor.heard != heard:
            return
        actor.state = how.to
        if how.say:
            self._say(actor, self.world.random.choice(how.say), with_photo=how.photo)

    def _say(self, actor: Actor, line: str, *, with_photo: bool) -> None:
        buyer = actor.buyer
        text = people.words()[buyer.language].line(actor.story.key, line, self.world.random, order=buyer.order)
        photo = letters.photo(self.world.random) if with_photo else b""
        SPEAK[actor.place.kind](self, actor, text, photo)
        if silence := people.reaction(actor.story, actor.state, ("silence",)):
            self.world.spawn(self._react(actor, silence, 0, actor.heard))

    def _chat(self, actor: Actor, text: str, photo: bytes) -> None:
        shop_id, buyer = int(actor.place.key), actor.buyer
        order = buyer.order if actor.story.order else ""
        self.shopee.buyer_writes(shop_id, buyer.user_id, handle(buyer), text, order_sn=order)
        if photo:
            self.shopee.buyer_writes(shop_id, buyer.user_id, handle(buyer), "", order_sn=order, image=photo)

    def _im(self, actor: Actor, text: str, photo: bytes) -> None:
        buyer, market = actor.buyer, self.aliexpress.market
        order = buyer.order if actor.story.order else ""
        if order and order not in market.orders:
            market.buy(person(buyer), order, ago=timedelta(days=3))
        self.aliexpress.buyer_writes(buyer.user_id, login(buyer), text, order=order)
        if photo:
            self.aliexpress.buyer_writes(buyer.user_id, login(buyer), "", image=str(self.shopee.keep(photo)["url"]))

    def _write(self, actor: Actor, text: str, photo: bytes) -> None:
        self.mail.buyer_writes(self._letter(actor, text, photo))

    def _relay(self, actor: Actor, text: str, photo: bytes) -> None:
        self.mail.buyer_writes(self._letter(actor, text, photo), relay_order=actor.buyer.order)

    def _letter(self, actor: Actor, text: str, photo: bytes) -> Letter:
        buyer = actor.buyer
        subject = people.words()[buyer.language].subjects[actor.story.key].format(order=buyer.order)
        return Letter(buyer.name, buyer.address, actor.place.key, subject, text, buyer.language, self.world.now(), buyer.client,
                      actor.letter, photo)  # fmt: skip


def key(place: Stage, buyer: Buyer) -> Key:
    """How an actor is found again: shop, and user id or address."""
    return place.key, str(buyer.user_id) if place.kind in scenery.CHATS else buyer.address.lower()


def handle(buyer: Buyer) -> str:
    """The user name on a marketplace."""
    plain_name = "".join(c for c in buyer.name.lower() if c.isascii() and c.isalnum())
    return f"{plain_name or 'user'}{buyer.user_id % 10_000}"


def login(buyer: Buyer) -> str:
    """The login name on AliExpress, nobody else's."""
    return f"{buyer.country.lower()}{buyer.user_id}"


def person(buyer: Buyer) -> Person:
    """The same as AliExpress's orders know them."""
    return Person(buyer.user_id, login(buyer), buyer.name, buyer.country)


SPEAK: dict[str, Callable[[Cast, Actor, str, bytes], None]] = {
    "shopee": Cast._chat,
    "aliexpress": Cast._im,
    "mail": Cast._write,
    "relay": Cast._relay,
}
