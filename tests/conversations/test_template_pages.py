"""The templates page and its editor with Alice, who leads, Bob, who answers, Charlie of another shop, and the admin Dora."""

import re
from datetime import timedelta

import pytest
from django.utils import translation

from bridgedesk.activity.models import Activity
from bridgedesk.conversations import shelf, templates
from bridgedesk.conversations.models import Message, Template
from bridgedesk.lib import clock

GOOD = {"name-en": "Too dark", "topic": "tech_question", "purpose": "answer", "text-en": "{{ hello }} Take a brighter bulb."}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def lamp(alice) -> Template:
    """A template the team wrote."""
    texts = {"en": "{{ hello }} Order {{ order.number }} leaves today.", "de": "{{ hello }} Bestellung {{ order.number }} geht heute raus."}
    return templates.save("lamp-leaves", texts, by=alice, topic="ship_when", purpose="answer", names={"en": "The lamp leaves"})


def form(template: Template, **more: str) -> dict[str, str]:
    texts = {f"text-{text.language}": text.body for text in template.texts.all()}
    names = {f"name-{language}": name for language, name in template.names.items()}
    return {"version": str(template.version), "topic": template.topic, "purpose": template.purpose} | texts | names | more


ADDRESSES = ["/templates", "/templates/new", "/templates/lamp-leaves"]
WRITES = [
    "/templates/new",
    "/templates/look",
    "/templates/lamp-leaves",
    "/templates/lamp-leaves/retire",
    "/templates/lamp-leaves/restore/1",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_log_in_there_is_only_the_door(address, client, lamp):
    assert client.get(address).headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("address", WRITES)
def test_without_a_log_in_nothing_is_written(address, client, lamp):
    assert client.post(address, GOOD).headers["Location"].startswith("/account/login/")
    assert Template.objects.count() == 1


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "admin"])
def test_everybody_reads_the_templates(who, lamp, request, sign_in, shop):
    browser = sign_in(request.getfixturevalue(who))
    assert "The lamp leaves" in browser.get("/templates").content.decode()
    assert "Order {{ order.number }} leaves today." in browser.get("/templates/lamp-leaves").content.decode()


@pytest.mark.parametrize("who", ["bob", "charlie"])
@pytest.mark.parametrize("address", [address for address in WRITES if not address.endswith("look")])
def test_only_leads_write(who, address, lamp, request, sign_in):
    assert sign_in(request.getfixturevalue(who)).post(address, GOOD | {"key": "too-dark", "version": "1"}).status_code == 403
    assert list(Template.objects.values_list("key", "version", "current")) == [("lamp-leaves", 1, True)]


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_who_may_only_read_is_offered_no_button(who, lamp, request, sign_in):
    page = sign_in(request.getfixturevalue(who)).get("/templates/lamp-leaves").content.decode()
    assert "Save as version" not in page
    assert "Retire" not in page
    assert " readonly" in page


def test_alice_writes_a_new_template_and_colleagues_are_offered_it(sign_in, alice, conversation):
    answer = sign_in(alice).post("/templates/new", GOOD | {"key": "too-dark"})
    assert answer.headers["Location"] == "/templates/too-dark"
    made = Template.objects.get()
    assert (made.key, made.version, made.by, made.names) == ("too-dark", 1, alice, {"en": "Too dark"})
    conversation.topic = "tech_question"
    assert templates.suggest(conversation) == [made]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "Too Dark!"}, "small letters, digits and hyphens"),
        ({"key": "new"}, "small letters, digits and hyphens"),
        ({"key": "lamp-leaves"}, "this short name already"),
        ({"text-en": "", "text-de": ""}, "one language at least"),
        ({"name-en": ""}, "Give it a name"),
        ({"text-en": "{{ hello"}, "cannot be saved yet"),
    ],
)
def test_what_cannot_be_saved_is_said_and_no_word_is_lost(wrong, said, sign_in, alice, lamp):
    answer = sign_in(alice).post("/templates/new", GOOD | {"key": "too-dark", "text-de": "Nehmen Sie eine hellere Birne."} | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert '<option value="tech_question" selected>' in answer.content.decode()
    assert ("Nehmen Sie eine hellere Birne." in answer.content.decode()) is ("text-de" not in wrong)
    assert Template.objects.count() == 1


def test_every_save_is_a_new_version_with_its_author(sign_in, alice, admin, lamp):
    sign_in(admin).post("/templates/lamp-leaves", form(lamp) | {"text-en": "{{ hello }} Order {{ order.number }} leaves tomorrow."})
    newest = Template.objects.get(current=True)
    assert (newest.version, newest.by, newest.topic) == (2, admin, "ship_when")
    page = sign_in(alice).get("/templates/lamp-leaves").content.decode()
    assert "Dora" in page
    assert re.search(r"<td class=\"small\">English</td>", page), "the history says which text changed"
    assert Activity.objects.filter(verb="saved_template", by=admin).count() == 1


def test_saving_without_a_change_makes_no_version(sign_in, alice, lamp):
    sign_in(alice).post("/templates/lamp-leaves", form(lamp))
    assert Template.objects.count() == 1


def test_two_leads_do_not_overwrite_each_other_unseen(sign_in, alice, admin, lamp):
    begun = form(lamp, **{"text-en": "{{ hello }} Alice's words {{ order.number }}"})
    sign_in(admin).post("/templates/lamp-leaves", form(lamp, **{"text-en": "{{ hello }} Dora's words {{ order.number }}"}))
    answer = sign_in(alice).post("/templates/lamp-leaves", begun)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Dora saved version 2 meanwhile" in page
    assert "Alice&#39;s words" in page
    assert Template.objects.get(current=True).version == 2
    assert sign_in(alice).post("/templates/lamp-leaves", begun | {"version": "2"}).status_code == 302


def test_an_old_version_is_looked_at_and_brought_back(sign_in, alice, lamp):
    browser = sign_in(alice)
    browser.post(
        "/templates/lamp-leaves", form(lamp) | {"text-en": "{{ hello }} {{ order.number }} is gone.", "purpose": "shipping_notice"}
    )
    assert "leaves today" in browser.get("/templates/lamp-leaves?version=1").content.decode()
    browser.post("/templates/lamp-leaves/restore/1")
    newest = Template.objects.get(current=True)
    assert (newest.version, newest.purpose, newest.names) == (3, "answer", {"en": "The lamp leaves"})
    assert newest.texts.get(language="en").body == lamp.texts.get(language="en").body


def test_a_retired_template_is_offered_no_more_until_it_is_brought_back(sign_in, alice, lamp, conversation):
    browser = sign_in(alice)
    browser.post("/templates/lamp-leaves/retire")
    assert templates.suggest(conversation) == []
    assert "The lamp leaves" not in browser.get("/templates", follow=True).content.decode().split("<table")[-1].split("toasts")[0]
    assert "The lamp leaves" in browser.get("/templates?show=retired").content.decode()
    assert "is retired" in browser.get("/templates/lamp-leaves").content.decode()
    browser.post("/templates/lamp-leaves/restore/1")
    assert Template.objects.get(current=True).version == 2


def test_a_release_does_not_bring_back_what_a_team_retired(alice, db):
    templates.load_content()
    templates.retire(Template.objects.get(key="thanks-answer", current=True), by=alice)
    assert templates.load_content() == 0
    assert not Template.objects.filter(key="thanks-answer", current=True).exists()


def test_duplicating_begins_a_new_template_with_the_same_words(sign_in, alice, lamp):
    page = sign_in(alice).get("/templates/new?from=lamp-leaves").content.decode()
    assert 'value="lamp-leaves-2"' in page
    assert "leaves today" in page
    assert Template.objects.count() == 1


def test_while_typing_the_editor_says_what_is_wrong_in_words(sign_in, alice, shop):
    look = {"language": "de", "purpose": "answer", "text-en": "{{ hello }} {{ order.number }}", "text-de": "{{ hello }}"}
    page = sign_in(alice).post("/templates/look", look).content.decode()
    assert "German" in page
    assert "order.number is missing, en has it." in page
    assert '"de": "wrong"' in page.replace("&#34;", '"')


def test_the_preview_is_in_the_chosen_language_with_made_up_data(sign_in, alice, shop):
    look = {"language": "de", "purpose": "answer", "text-de": "Am {{ eta | date }}: {{ refund.amount | money }} <script>"}
    page = sign_in(alice).post("/templates/look", look).content.decode()
    assert re.search(r"Am \d+\. \w+ 20\d\d: [\d,.]+\xa0.", page)
    assert "&lt;script&gt;" in page


def test_the_gate_of_each_platform_is_asked_about_the_text(sign_in, alice, make_shop):
    make_shop("Shopee shop", "shopee").agents.add(alice)
    look = {"language": "en", "purpose": "answer", "text-en": "Write me on WhatsApp +44 20 7946 0958 and pay there."}
    page = sign_in(alice).post("/templates/look", look).content.decode()
    assert "not permitted" in page
    allowed = sign_in(alice).post("/templates/look", look | {"text-en": "It arrives on Friday."}).content.decode()
    assert "permitted" in allowed
    assert "not permitted" not in allowed


def test_a_purpose_the_platform_forbids_is_seen_in_the_list(sign_in, alice, make_shop):
    make_shop("Shopee shop", "shopee").agents.add(alice)
    templates.save("gone-out", {"en": "It is on its way."}, by=alice, purpose="shipping_notice", names={"en": "Gone out"})
    assert "not permitted · Proactive order updates" in sign_in(alice).get("/templates").content.decode()


def test_use_and_edits_of_the_last_thirty_days_are_counted_once_an_answer(lamp, alice, conversation):
    def sent(days: int, share: float, part: int = 0, state: str = "sent") -> None:
        at = clock.now() - timedelta(days=days)
        common = {"conversation": conversation, "shop": conversation.shop, "direction": "out", "template": lamp, "created_at": at, "at": at}
        Message.objects.create(**common, edited_share=share, part=part, state=state, reference=f"{days}/{share}/{part}")

    sent(1, 0.2)
    sent(2, 0.4)
    sent(2, 0.4, part=1)
    sent(31, 0.9)
    sent(3, 1.0, state="withdrawn")
    found = shelf.used(clock.now() - shelf.PERIOD)["lamp-leaves"]
    assert (found.times, round(found.edited or 0, 3)) == (2, 0.3)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("q=leaves", True),
        ("q=Bestellung", True),
        ("q=nothing", False),
        ("topic=ship_when", True),
        ("topic=wismo", False),
        ("purpose=care", False),
        ("show=incomplete", True),
        ("show=unused", True),
        ("show=retired", False),
        ("topic=<script>", True),
    ],
)
def test_the_list_is_narrowed(query, fits, sign_in, bob, lamp):
    page = sign_in(bob).get(f"/templates?{query}", headers={"HX-Request": "true"}).content.decode()
    assert ("The lamp leaves" in page) is fits
    assert "<html" not in page


def test_an_unknown_template_is_not_there(sign_in, alice, db):
    assert sign_in(alice).get("/templates/nothing-of-that").status_code == 404
    assert sign_in(alice).post("/templates/nothing-of-that/retire").status_code == 404


@pytest.mark.parametrize("path", ["/templates", "/templates/thanks-answer"])
def test_many_templates_cost_no_more_queries_than_few(path, sign_in, alice, shop, django_assert_max_num_queries):
    templates.load_content()
    browser = sign_in(alice)
    browser.get(path)
    with django_assert_max_num_queries(7):
        assert browser.get(path).status_code == 200
