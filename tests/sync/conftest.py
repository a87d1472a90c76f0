from collections.abc import Callable

import pytest

from bridgedesk.channels.registry import CHANNELS
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.pretend import Pretend


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """The pretend platform, in the registry."""
    made = Pretend()
    monkeypatch.setitem(CHANNELS, "pretend", made)
    return made


@pytest.fixture
def pretend_shop(platform: Pretend, make_shop: Callable[..., Shop], alice: Agent, bob: Agent) -> Shop:
    """Alice's and Bob's shop on the pretend platform."""
    made = make_shop("Pretend shop", "pretend", options={"callback_url": "https://desk.example/in/typed-at-the-platform"})
    made.agents.set([alice, bob])
    return made
