"""What every channel in the registry must hold. A new platform is tested by being registered and having payloads."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.channels import base, events
from bridgedesk.channels.base import Account, Channel, Inbound, Limits, Raw, Rejected, Unparsable
from bridgedesk.channels.registry import CHANNELS, channel
from tests.channels import payloads
from tests.channels.accounts import account

EVERY = pytest.mark.parametrize("name", sorted(CHANNELS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
GARBAGE = st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | JSON.map(lambda value: json.dumps(value).encode())


def shop(name: str) -> Account:
    """The shop of the channel's payloads, with a value for every secret."""
    known = payloads.shop_of(name)
    return account(
        known.external_id,
        region=known.region,
        options={field.name: field.default for field in CHANNELS[name].fields if not field.secret} | dict(known.options),
        secrets={field.name: "a-secret-value" for field in CHANNELS[name].fields if field.secret},
    )


def test_an_unknown_platform_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        channel("nowhere")


@EVERY
def test_the_name_is_the_registry_key_and_the_title_is_shown(name: str) -> None:
    assert CHANNELS[name].name == name
    assert CHANNELS[name].title


@EVERY
def test_every_field_can_be_made_into_a_form(name: str) -> None:
    fields = CHANNELS[name].fields
    assert len({field.name for field in fields}) == len(fields)
    for field in fields:
        assert field.name.isidentifier()
        assert field.label
        assert field.kind in get_args(base.Field.__dataclass_fields__["kind"].type)
        assert bool(field.choices) == (field.kind == "choice")
        assert not field.default or not field.choices or field.default in dict(field.choices)
        assert not (field.secret and field.default), "a secret has no default"


@EVERY
def test_limits_are_sane_and_have_a_source(name: str) -> None:
    limits: Limits = CHANNELS[name].limits(shop(name))
    assert limits.text is None or limits.text >= 20
    assert limits.files >= 0
    assert limits.file_bytes >= 0
    assert bool(limits.files) == bool(limits.file_types)
    assert limits.source


@EVERY
@pytest.mark.parametrize("body", [b"", b"{}", b"x=1", b"\xff"])
def test_an_unsigned_push_is_rejected(name: str, body: bytes) -> None:
    inbound = Inbound("https://desk.example/in/1", {}, body)
    with pytest.raises(Rejected):
        CHANNELS[name].verify(shop(name), inbound)


@EVERY
def test_a_push_is_rejected_when_the_shop_has_no_secret(name: str) -> None:
    inbound = Inbound("https://desk.example/in/1", {"authorization": "0" * 64, "x-twilio-signature": "x"}, b"{}")
    with pytest.raises(Rejected):
        CHANNELS[name].verify(account(), inbound)


@EVERY
@settings(max_examples=60, deadline=None)
@given(body=GARBAGE, headers=st.dictionaries(st.sampled_from(["authorization", "content-type", "subject"]), st.text(max_size=20)))
def test_garbage_is_kept_not_crashed_on(name: str, body: bytes, headers: dict[str, str]) -> None:
    mine = CHANNELS[name]
    raw = mine.raw_of(shop(name), Inbound("https://desk.example/in/1", headers, body))
    assert raw.key
    assert raw.body == body
    for kind in ("push", "poll", "mail", "manual"):
        _understood(mine, shop(name), Raw("k", body, kind, headers=headers))  # type: ignore[arg-type]


def _understood(mine: Channel, to: Account, raw: Raw) -> None:
    try:
        found = mine.parse(to, raw)
    except Unparsable:
        return
    assert all(isinstance(event, get_args(events.Event)) for event in found)


@EVERY
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_payload_is_kept_not_crashed_on(name: str, data: st.DataObject) -> None:
    recorded = payloads.cases(name)
    if not recorded:
        return
    body = bytearray(data.draw(st.sampled_from(recorded)).read_bytes())
    start = data.draw(st.integers(0, len(body)))
    body[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=10))
    raw = CHANNELS[name].raw_of(shop(name), Inbound("https://desk.example/in/1", {}, bytes(body)))
    _understood(CHANNELS[name], shop(name), Raw(raw.key, bytes(body), raw.kind))


@pytest.mark.parametrize(
    ("name", "path"), [pytest.param(name, path, id=f"{name}-{path.stem}") for name in sorted(CHANNELS) for path in payloads.cases(name)]
)
def test_a_recorded_payload_gives_its_events(name: str, path: Any) -> None:
    found = CHANNELS[name].parse(payloads.shop_of(name), payloads.raw_of(path))
    assert [payloads.plain(event) for event in found] == payloads.expected(path)


@EVERY
def test_a_channel_that_pushes_or_polls_has_payloads(name: str) -> None:
    if CHANNELS[name].pushes or CHANNELS[name].polls:
        assert payloads.cases(name)
