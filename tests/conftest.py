"""The people and shops every test knows: Alice leads, Bob shares her shop, Charlie has no access to it."""

import gc
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import caches
from django.test import Client
from hypothesis import settings as hypothesis

from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.browser.chromium import FAILED, base_url, browser_type_launch_args, screen_of, server  # noqa: F401 (fixtures)

hypothesis.register_profile("bridgedesk", deadline=None)  # how long a case takes depends on what else the machine does
hypothesis.load_profile("bridgedesk")
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday, noon in Shanghai


def pytest_collection_finish() -> None:
    """What was loaded by now stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Screens of a failed test are described when they close."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    """Programs of an earlier test do not slow this one down; log-in limits are rows and go with the test's own."""
    caches["process"].clear()


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The clock stands at noon."""
    with clock.frozen(NOON):
        yield NOON


@pytest.fixture
def make_shop(db: None) -> Callable[..., Shop]:
    def make(name: str = "Lamp shop", platform: str = "manual", **more: object) -> Shop:
        more.setdefault("external_id", name.lower().replace(" ", "-"))
        return Shop.objects.create(name=name, platform=platform, created_at=clock.now(), **more)

    return make


@pytest.fixture
def make_our_shop(make_shop: Callable[..., Shop], alice: Agent, bob: Agent) -> Callable[..., Shop]:
    """A shop that Alice and Bob look after."""

    def make(*facts: str, **more: object) -> Shop:
        made = make_shop(*facts, **more)
        made.agents.set([alice, bob])
        return made

    return make


@pytest.fixture
def shop(make_our_shop: Callable[..., Shop]) -> Shop:
    """Alice's and Bob's shop."""
    return make_our_shop()


@pytest.fixture
def make_agent(db: None) -> Callable[..., Agent]:
    def make(username: str, role: str = Agent.Role.AGENT, **more: object) -> Agent:
        more.setdefault("language", "en")
        return Agent.objects.create_user(username, password="a good long password", role=role, **more)

    return make


@pytest.fixture
def alice(make_agent: Callable[..., Agent]) -> Agent:
    """Leads the shop."""
    return make_agent("alice", Agent.Role.LEAD, shown_name="Alice")


@pytest.fixture
def bob(make_agent: Callable[..., Agent]) -> Agent:
    """Answers in Alice's shop."""
    return make_agent("bob", shown_name="Bob")


@pytest.fixture
def charlie(make_agent: Callable[..., Agent]) -> Agent:
    """A colleague of another shop."""
    return make_agent("charlie", shown_name="Charlie")


@pytest.fixture
def admin(make_agent: Callable[..., Agent]) -> Agent:
    """Sets up shops and people."""
    return make_agent("dora", Agent.Role.ADMIN, shown_name="Dora")


@pytest.fixture
def sign_in() -> Callable[[Agent], Client]:
    """A browser session of that person."""

    def make(agent: Agent) -> Client:
        client = Client()
        client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make
