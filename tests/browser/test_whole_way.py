"""The whole way of a message with everything real: `bridgedesk up`, marketplaces and mail servers as processes, two screens.

Nothing here reaches into the installation: buyers write on the wire, agents look at their screens, and what arrived is asked
of the other side.
"""

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from bridgedesk.sandbox import scenery
from bridgedesk.sandbox.servers import free_ports
from tests import post_office, town
from tests.post_office import ANA, GONE, PostOffice
from tests.town import Town

pytestmark = pytest.mark.slow
MAIL_BAD = ("Si cambia su reseña le devolvemos 10 €.", "person")  # on mail a person may take it upon herself
SOON = 40_000  # milliseconds: mailboxes are first looked at some seconds after a shop is opened


class Outside:
    """The sandbox as buyers and platforms see it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/sandbox"

    def writes(self, **more: Any) -> dict[str, str]:
        """A buyer writes now."""
        answer = httpx.post(f"{self.url}/buyers/write", json=more).raise_for_status()
        return dict(answer.json())

    def arrived(self, who: str) -> list[dict[str, Any]]:
        """What reached that buyer, greetings apart."""
        rows = httpx.get(f"{self.url}/arrived", params={"to": who}).raise_for_status().json()
        return [row for row in rows if not row["automatic"]]


@pytest.fixture(scope="session")
def office() -> Iterator[PostOffice | None]:
    """Dovecot and OpenSMTPD, where they can run."""
    if post_office.missing():
        yield None
        return
    with post_office.opened() as opened:
        yield opened


@pytest.fixture(scope="session")
def sandbox_port() -> int:
    return free_ports(3)


@pytest.fixture(scope="session")
def installation(office: PostOffice | None, sandbox_port: int) -> Iterator[Town]:
    """Two shops at the sandbox, one at the real mail servers."""
    folder = Path(tempfile.mkdtemp(prefix="bd-"))  # a short path, for the database's socket
    ports = frozenset(f"127.0.0.1:{sandbox_port + n}" for n in range(3))
    env = {"SSL_CERT_FILE": str(office.authority)} if office else {}
    try:
        with town.running(folder, env=env, allowed=ports | office.allowed if office else ports) as made:
            mailboxes = [office.options("starttls")] if office else []
            stages = [str(scenery.TAIWAN.shop_id), scenery.OWN_SITE]
            made.open_shops(port=sandbox_port, stages=stages, mailboxes=mailboxes, password=post_office.PASSWORD)
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def outside(installation: Town, sandbox_port: int) -> Outside:
    """The sandbox in a process of its own; every push of it comes twice."""
    process = installation.start("sandbox", "--port", str(sandbox_port), "--speed", "120", "--every", "0")
    made = Outside(sandbox_port)
    town.await_answer(f"{made.url}/state", process, installation.folder / "log")
    httpx.post(f"{made.url}/chaos", json={"repeat": 1.0}).raise_for_status()
    return made


@pytest.fixture
def log_in(installation: Town, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[[str], Page]]:
    """That person's screen, through the log-in form."""
    contexts = []

    def make(name: str) -> Page:
        context = new_context(viewport={"width": 1440, "height": 900}, locale="en")
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{installation.url}/account/login/")
        page.locator("[name=login]").fill(name)
        page.locator("[name=password]").fill(town.PASSWORD)
        page.locator("[name=password]").press("Enter")
        expect(page.locator("#rows")).to_be_visible()
        page.evaluate("window.unbroken = true")
        return page

    yield make
    for context in contexts:
        context.close()


def entry(page: Page, words: str) -> Locator:
    return page.locator("#rows .entry").filter(has_text=words)


def answer_with_a_template(page: Page, language: re.Pattern[str]) -> str:
    """The first suggestion in the buyer's language, its gaps filled; what stands in the composer."""
    page.locator("#suggestions [data-phrase]").first.click(timeout=SOON)
    box = page.locator("#words")
    expect(box).to_have_value(language)
    while "⟦" in box.input_value():  # the first gap is selected; Tab goes to the next
        page.keyboard.type("7")
        if "⟦" in box.input_value():
            page.keyboard.press("Tab")
    return box.input_value()


def the_gate_holds(page: Page, good: str, bad: str, verdict: str) -> None:
    """Typed in addition, the words are marked and nothing can be sent; without them it can."""
    box = page.locator("#words")
    box.press("Control+End")
    page.keyboard.type(f" {bad}")
    marks = page.locator(f"#marks mark[data-verdict={verdict}]")
    expect(marks.first).to_be_visible(timeout=SOON)
    expect(page.locator("#findings .finding").first).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    for _ in range(len(bad) + 1):
        page.keyboard.press("Backspace")
    expect(box).to_have_value(good)
    expect(page.locator("#send")).to_be_enabled()
    expect(marks).to_have_count(0)


def wait_for(found: Callable[[], list[str]]) -> None:
    """Until there is something, at most a minute."""
    for _try in range(300):
        if found():
            return
        time.sleep(0.2)


def send(page: Page) -> Locator:
    """Out it goes, after the undo time."""
    page.locator("#send").click()
    bubble = page.locator(".said-out:not(.automatic)").last
    expect(bubble).to_have_attribute("data-state", "queued")
    expect(bubble.get_by_role("button", name="Undo")).to_be_visible()
    return bubble


def goes_the_whole_way(
    hers: Page, his: Page, opening: str, language: re.Pattern[str], bad: tuple[str, str], arrived: Callable[[], list[str]]
) -> str:
    """Live on two screens, a template, the gate, the undo time, sent, arrived once. What was answered."""
    for page in (hers, his):
        expect(entry(page, opening[:30])).to_be_visible(timeout=SOON)
    entry(his, opening[:30]).locator(".entry-link").click()
    expect(his.locator("#thread .said-in")).to_contain_text(opening[:30])
    said = answer_with_a_template(his, language)
    the_gate_holds(his, said, *bad)
    entry(hers, opening[:30]).locator(".entry-link").click()
    bubble = send(his)
    assert arrived() == [], "nothing leaves while it can be taken back"
    for page in (hers, his):
        expect(page.locator(".said-out:not(.automatic)")).to_have_attribute("data-state", "sent", timeout=SOON)
    expect(bubble.locator(".words")).to_contain_text(said.splitlines()[0])
    wait_for(arrived)  # a real mail server takes it first and delivers it then
    assert [squeezed(text) for text in arrived()] == [squeezed(said)]
    return said


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_a_buyer_on_shopee_is_answered_and_reacts(outside: Outside, log_in: Callable[[str], Page]) -> None:
    hers, his = log_in("alice"), log_in("bob")
    buyer = outside.writes(story="where_is_order", shop_id=scenery.TAIWAN.shop_id, language="zh-Hant")
    arrived = lambda: [row["text"] for row in outside.arrived(buyer["buyer"])]  # noqa: E731
    goes_the_whole_way(hers, his, buyer["order"], re.compile(r"您|訂單|包裹"), ("也可以加我的 LINE lamp888", "forbidden"), arrived)
    for page in (hers, his):
        expect(page.locator("#thread .said-in")).to_have_count(2, timeout=SOON)
        expect(entry(page, buyer["order"])).to_have_count(0)  # the list shows the newest words
        assert page.evaluate("window.unbroken"), "no screen was loaded again"
    time.sleep(3)  # another try would come by now
    assert len(arrived()) == 1


def test_a_buyer_writes_by_mail_to_the_sandbox_and_reacts(outside: Outside, log_in: Callable[[str], Page]) -> None:
    hers, his = log_in("alice"), log_in("bob")
    buyer = outside.writes(story="where_is_order", to=scenery.OWN_SITE, language="es")
    arrived = lambda: [row["text"] for row in outside.arrived(buyer["buyer"])]  # noqa: E731
    goes_the_whole_way(hers, his, buyer["order"], re.compile(r"pedido|paquete|Hola"), MAIL_BAD, arrived)
    for page in (hers, his):
        expect(page.locator("#thread .said-in")).to_have_count(2, timeout=SOON)
        assert page.evaluate("window.unbroken")
    assert len(arrived()) == 1


def test_a_buyer_writes_through_dovecot_and_opensmtpd(installation: Town, office: PostOffice | None, log_in: Callable[[str], Page]) -> None:
    if office is None:
        pytest.skip(f"{post_office.missing()}; the sandbox's own servers went the whole way in the test before")
    hers, his = log_in("alice"), log_in("bob")
    question = f"Hola, ¿dónde está mi pedido LH-{time.monotonic_ns() % 10**5:05}? Lo pedí hace tres semanas y no ha llegado."
    first = office.send(ANA, question, subject="¿Dónde está mi pedido?")
    arrived = lambda: [mail.get_content() for mail in office.mails(ANA) if not mail["Auto-Submitted"]]  # noqa: E731
    goes_the_whole_way(hers, his, question, re.compile(r"pedido|paquete|Hola"), MAIL_BAD, arrived)
    (answer,) = office.expect(ANA, 1)
    assert (answer["In-Reply-To"], answer["References"]) == (first, first), "it stands below her own mail in her program"
    assert answer["Subject"] == "Re: ¿Dónde está mi pedido?"
    office.send(ANA, "¡Muchas gracias, ya llegó!", answers=answer)
    for page in (hers, his):
        expect(page.locator("#thread .said-in")).to_have_count(2, timeout=SOON)
        expect(page.locator("#thread .said-in").last).to_contain_text("¡Muchas gracias, ya llegó!")
        assert page.evaluate("window.unbroken")


def test_a_mail_that_comes_back_turns_the_bubble_red(installation: Town, office: PostOffice | None, log_in: Callable[[str], Page]) -> None:
    if office is None:
        pytest.skip(f"{post_office.missing()}; tests/sandbox sends bounces of the sandbox's own")
    his = log_in("bob")
    office.send(GONE, "Do you have the brass lamp in stock? I cannot find it.", subject="Brass lamp")
    entry(his, "brass lamp").locator(".entry-link").click(timeout=SOON)
    his.locator("#words").fill("Yes, three are left.")
    send(his)
    expect(his.locator(".said-out:not(.automatic)").last).to_have_attribute("data-state", "failed", timeout=SOON)
    expect(his.locator(".said-out:not(.automatic)").last.locator(".said-foot")).to_contain_text("Not sent")
