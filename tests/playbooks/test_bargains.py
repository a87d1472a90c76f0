"""Nothing ties money or goods to a review: the checker refuses such a step, the gate such words, in every language shipped."""

from datetime import date

import pytest

from bridgedesk.channels.policy import names, policy
from bridgedesk.conversations import templates
from bridgedesk.conversations.gate import examine
from bridgedesk.playbooks import loading
from bridgedesk.playbooks.checking import problems

ON = date(2026, 11, 22)
NAMES = {"en": "x", "zh-Hans": "x", "zh-Hant": "x"}
WORDS = {
    "en": "If you leave a review, we send you a gift.",
    "es": "Le damos un reembolso si nos deja una reseña.",
    "pt": "Damos um desconto se deixar uma avaliação.",
    "fr": "Nous vous offrons une remise si vous laissez un avis.",
    "de": "Sie erhalten einen Gutschein, wenn Sie eine Bewertung schreiben.",
    "it": "Le diamo uno sconto se lascia una recensione.",
    "ru": "Оставьте отзыв и получите подарок.",
    "pl": "Damy rabat, jeśli zostawi Pan opinię.",
    "ja": "レビューを投稿していただければクーポンを差し上げます。",
    "ko": "리뷰를 작성해 주시면 쿠폰을 드립니다.",
    "th": "รีวิวแล้วรับคูปองส่วนลด",
    "vi": "Tặng voucher nếu anh chị đánh giá 5 sao.",
    "id": "Kami beri voucher jika kakak menulis ulasan.",
    "zh-Hans": "留下好评就送您优惠券。",
    "zh-Hant": "留下五星好評就送您優惠券。",
}


def process(**more):
    step = {"key": "pay", "name": NAMES, "does": "refund", "ends": "refunded"}
    usual = {"key": "bargain", "name": NAMES, "about": NAMES, "topics": ["review_threat"], "step": [step], "begin": [{"to": "pay"}]}
    return usual | more


def said(data):
    return [str(problem) for problem in problems(loading.read(data), loading.shelf_of_files(), ON)]


def test_a_language_that_is_shipped_has_its_words_here():
    assert set(WORDS) == set(templates.LANGUAGES)


@pytest.mark.parametrize("platform", names())
@pytest.mark.parametrize("language", templates.LANGUAGES)
def test_words_that_give_something_for_a_review_go_out_nowhere(language, platform):
    ruling = examine(WORDS[language], purpose="answer", policy=policy(platform), limits=None, on=ON, language=language)
    assert ruling.verdict == "forbidden"
    assert "review_reward" in {finding.code for finding in ruling.findings}


@pytest.mark.parametrize("when", ["stars >= 4", "threatens_review", "insists and stars = 5"])
def test_a_step_that_pays_because_of_stars_is_refused_with_the_law_named(when):
    end = {"key": "talk", "name": NAMES, "does": "lead", "ends": "handed_over"}
    pay = process()["step"][0]
    wrong = said(process(begin=[{"when": when, "to": "pay"}, {"to": "talk"}], step=[pay, end], platforms=["amazon"]))
    assert len(wrong) == 1
    assert "16 CFR 465.4" in wrong[0]


def test_a_playbook_of_good_reviews_gives_nothing():
    assert any("for a review" in wrong for wrong in said(process(topics=[], events=["review_good"])))


def test_solving_the_problem_of_a_bad_review_is_no_bargain():
    assert said(process()) == []
    assert all(not said(data) for data in loading.shipped())


@pytest.mark.parametrize(
    ("country", "law"),
    [("US", "16 CFR 465.4"), ("DE", "2019/2161"), ("GB", "Consumers Act 2024"), ("CN", "E-Commerce Law of China"), ("BR", "16 CFR 465.4")],
)
@pytest.mark.parametrize("platform", names())
def test_the_law_of_the_buyer_s_country_is_named(country, law, platform):
    ruling = examine(WORDS["en"], purpose="answer", policy=policy(platform), limits=None, on=ON, language="en", country=country)
    finding = next(finding for finding in ruling.findings if finding.code == "review_reward")
    assert (finding.verdict, law in finding.source) == ("forbidden", True)
