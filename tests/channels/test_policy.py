from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bridgedesk.channels import policy as policies
from bridgedesk.channels.policy import PURPOSES, PolicyError, Words, load, names, policy, policy_name
from bridgedesk.shops.models import Shop

TODAY = date(2026, 11, 22)
RULE = """
[[rule]]
purposes = {purposes}
verdict = "{verdict}"
reason.en = "Because."
reason.zh-Hans = "因为。"
reason.zh-Hant = "因為。"
source = "A page"
sure = "official"
as_of = 2026-05-20
"""
ALL = RULE.format(purposes=list(PURPOSES), verdict="allowed")


def written(folder: Path, text: str) -> Path:
    file = folder / "market.toml"
    file.write_text('title = "Market"\n' + text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["shopee", "amazon", "aliexpress", "email", "sms", "phone", "manual"])
def test_every_platform_says_something_of_every_purpose_in_three_languages(name: str) -> None:
    one = policy(name)
    for purpose in PURPOSES:
        rule = one.rule(purpose, TODAY)
        assert rule.reason.en
        assert rule.reason.said("zh-hans") != rule.reason.en
        assert rule.source
        assert rule.as_of <= TODAY
    assert one.threshold("response_hours", "", TODAY).value > one.threshold("warn_hours", "", TODAY).value > 0


def test_the_platforms_are_those_with_a_file() -> None:
    assert names() == ("aliexpress", "amazon", "email", "manual", "phone", "shopee", "sms")


def test_shopee_forbids_order_news_and_shows_the_permitted_path() -> None:
    rule = policy("shopee").rule("shipping_notice", TODAY)
    assert rule.verdict == "forbidden"
    assert "order page" in rule.instead.en
    assert rule.sure == "official"


def test_amazon_asks_for_reviews_by_its_own_button_only() -> None:
    rule = policy("amazon").rule("review_request", TODAY)
    assert rule.verdict == "forbidden"
    assert "Request a Review" in rule.instead.en


def test_a_courtroom_country_asks_for_a_person() -> None:
    mail = policy("email")
    assert mail.rule("review_request", TODAY, "FR").verdict == "allowed"
    assert mail.rule("review_request", TODAY, "de").verdict == "person"


def test_hours_to_answer_are_those_of_the_platform() -> None:
    assert policy("shopee").threshold("response_hours", "TW", TODAY).value == 12
    assert policy("amazon").threshold("response_hours", "US", TODAY).value == 24
    assert policy("aliexpress").threshold("response_hours", "", TODAY).sure == "unconfirmed"


def test_a_region_wins_over_the_general_figure_once_it_is_in_force() -> None:
    shopee = policy("shopee")
    assert shopee.threshold("response_rate_point", "TH", date(2023, 12, 31)).value == 20
    assert shopee.threshold("response_rate_point", "th", datetime(2024, 1, 1, tzinfo=UTC)).value == Decimal(60)


def test_a_later_rule_wins_from_its_day_on(tmp_path: Path) -> None:
    later = RULE.format(purposes=["care"], verdict="forbidden") + "valid_from = 2026-06-01\n"
    one = load(written(tmp_path, ALL + later))
    assert one.rule("care", date(2026, 5, 31)).verdict == "allowed"
    assert one.rule("care", date(2026, 6, 1)).verdict == "forbidden"


def test_checks_of_the_law_hold_on_every_platform() -> None:
    for name in names():
        check = policy(name).check("review_reward", TODAY)
        assert check is not None
        assert check.verdict == "forbidden"
        assert "465" in check.source


def test_words_are_in_the_language_of_the_person_looking(settings: object) -> None:
    from django.utils import translation

    words = Words("Because.", "因为。", "因為。")
    with translation.override("zh-hant"):
        assert str(words) == "因為。"
    with translation.override("en"):
        assert str(words) == "Because."


def wrong(text: str, tmp_path: Path) -> str:
    with pytest.raises(PolicyError) as caught:
        load(written(tmp_path, text))
    return str(caught.value)


def test_an_unknown_purpose_is_named(tmp_path: Path) -> None:
    said = wrong(RULE.format(purposes=["anwser"], verdict="allowed"), tmp_path)
    assert said.startswith("market.toml, rule 1: there is no purpose “anwser”; the purposes are answer, greeting")


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    assert wrong(ALL.replace('source = "A page"', ""), tmp_path) == "market.toml, rule 1: source is missing"


def test_a_date_in_quotes_is_explained(tmp_path: Path) -> None:
    assert "as_of must be a date such as 2026-05-20 (without quotes)" in wrong(ALL.replace("2026-05-20", '"20 May"'), tmp_path)


def test_a_missing_language_is_named(tmp_path: Path) -> None:
    assert wrong(ALL.replace('reason.zh-Hant = "因為。"', ""), tmp_path) == "market.toml, rule 1: the reason has no text in zh-Hant"


def test_a_verdict_must_be_one_of_three(tmp_path: Path) -> None:
    assert "“maybe” is not one of allowed, person, forbidden" in wrong(RULE.format(purposes=["care"], verdict="maybe"), tmp_path)


def test_a_purpose_nobody_ruled_on_is_named(tmp_path: Path) -> None:
    assert "no rule for greeting" in wrong(RULE.format(purposes=["answer"], verdict="allowed"), tmp_path)


def test_a_figure_must_be_a_number(tmp_path: Path) -> None:
    figure = '\n[[threshold]]\nname = "response_hours"\nvalue = "12h"\nunit = "hours"\nsource = "x"\nsure = "own"\nas_of = 2026-01-01\n'
    assert wrong(ALL + figure, tmp_path) == "market.toml, threshold 1 (response_hours): value must be a number, zero or more"


def test_broken_toml_says_where(tmp_path: Path) -> None:
    assert "market.toml cannot be read" in wrong("[[rule]\n", tmp_path)


def test_an_unknown_platform_is_said() -> None:
    with pytest.raises(PolicyError, match=r"there is no policy tiktok\.toml"):
        policy("tiktok")


def test_a_purpose_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        policy("shopee").rule("spam", TODAY)
    with pytest.raises(KeyError):
        policy("shopee").threshold("beauty", "", TODAY)


def test_relayed_mail_is_bound_by_amazon() -> None:
    assert policy_name(Shop(platform="email", options={"relay": "amazon"})) == "amazon"
    assert policy_name(Shop(platform="email", options={})) == "email"
    assert policy_name(Shop(platform="manual", options={"policy": "aliexpress"})) == "aliexpress"
    assert policy_name(Shop(platform="manual", options={"policy": "../../etc"})) == "manual"


def test_every_file_is_used() -> None:
    assert policies.folder().is_dir()


LIST = """
[[list]]
name = "cancel_reasons"
words = { out_of_stock = "SOLD_OUT" }
source = "The platform's handbook"
sure = "official"
as_of = 2026-05-20
"""


def test_a_list_is_dated_and_may_hold_in_some_countries_only(tmp_path: Path) -> None:
    later = LIST.replace("SOLD_OUT", "NONE_LEFT") + "valid_from = 2027-01-01\n"
    there = LIST.replace("SOLD_OUT", "AGOTADO") + 'countries = ["MX"]\n'
    one = load(written(tmp_path, ALL + LIST + later + there))
    words = [one.listed("cancel_reasons", on, where) for on, where in ((TODAY, ""), (date(2027, 2, 1), ""), (TODAY, "mx"))]
    assert [listed.words["out_of_stock"] for listed in words if listed] == ["SOLD_OUT", "NONE_LEFT", "AGOTADO"]
    assert one.listed("gives_numbers", TODAY) is None


@pytest.mark.parametrize(
    ("was", "wrong"), [("cancel_reasons", "reasons"), ('{ out_of_stock = "SOLD_OUT" }', "{}"), ('"SOLD_OUT"', "1"), ("official", "sure")]
)
def test_a_list_that_is_not_whole_is_refused(was: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="list 1"):
        load(written(tmp_path, ALL + LIST.replace(was, wrong)))
