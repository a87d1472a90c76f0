"""The editor of playbooks: drafts, the form and its buttons, the live check, publishing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from bridgedesk.activity.models import Activity
from bridgedesk.playbooks import drafts, editing, queries
from bridgedesk.playbooks.draft_models import Draft
from bridgedesk.playbooks.loading import take_apart
from bridgedesk.playbooks.models import Version
from tests.playbooks.test_rules import return_letters

KEY = "return-without-reason"


def form(data: dict[str, Any], **more: object) -> dict[str, Any]:
    """What the editor's form posts for a shape."""
    posted: dict[str, Any] = {"revision": 1, "base": 1, "steps": len(data["step"])}
    posted |= {name: data.get(name, []) for name in ("topics", "events", "platforms")}
    posted |= {f"{name}-{language}": said for name in ("name", "about") for language, said in data[name].items()}
    posted |= {"b-when": [b.get("when", "") for b in data["begin"]], "b-to": [b["to"] for b in data["begin"]]}
    for place in range(len(data["step"])):
        posted |= {f"s{place}-{name}": value for name, value in fields_of(data, place).items()}
    return posted | more


def fields_of(data: dict[str, Any], place: int) -> dict[str, Any]:
    step = editing.fields(data, place)
    said: dict[str, Any] = {f"name-{language}": text for language, text in step["name"].items()}
    said |= {name: step[name] for name in ("key", "template", "purpose", "strategy", "does", "ends", "values")}
    said |= {"was": step["key"], "when": [b.get("when", "") for b in step["branch"]], "to": [b["to"] for b in step["branch"]]}
    said |= {"automatic": "1"} if step["automatic"] else {}
    return said | {"timeout-days": step["timeout"].get("days", ""), "timeout-to": step["timeout"].get("to", "")}


def posted(data: dict[str, Any]) -> QueryDict:
    made = QueryDict(mutable=True)
    for name, value in form(data).items():
        made.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return made


@pytest.fixture
def letters() -> dict[str, Any]:
    return return_letters()


@pytest.fixture
def draft(shelf, alice) -> Draft:
    return drafts.begin(KEY, by=alice)


@pytest.fixture
def editor(sign_in: Callable[..., Client], alice) -> Client:
    return sign_in(alice)


def test_every_shipped_playbook_goes_through_the_form_unchanged(shelf):
    for version in Version.objects.filter(current=True):
        data = editing.whole(version.data)
        assert take_apart(editing.parse(posted(data), data))[0] == queries.playbook_of(version), version.key


def test_fields_the_form_does_not_know_stay_as_they_were(letters):
    letters["later"], letters["step"][1]["later"] = 1, 2
    parsed = editing.parse(posted(letters), letters)
    assert (parsed["later"], parsed["step"][1]["later"]) == (1, 2)


def test_a_renamed_step_keeps_what_leads_to_it(letters):
    given = posted(letters)
    given["s1-key"] = "letter-one"
    parsed = editing.parse(given, letters)
    assert parsed["begin"][-1] == {"to": "letter-one"}
    assert take_apart(parsed)[1] == []


@pytest.mark.parametrize(("do", "focus", "keys"), [
    ("up:1", "up-0", ["conditions", "which-order", "fee-waived"]),
    ("down:1", "down-2", ["which-order", "fee-waived", "conditions"]),
    ("up:0", "up-0", ["which-order", "conditions", "fee-waived"]),
    ("drop:1", "step-0", ["which-order", "fee-waived", "label-and-refund"]),
    ("add:0", "s1-name-en", ["which-order", "step-6", "conditions"]),
    ("add:9999999999", "s5-name-en", ["which-order", "conditions", "fee-waived"]),
    ("up:x", "up-999", ["which-order", "conditions", "fee-waived"]),
    ("up", "", ["which-order", "conditions", "fee-waived"]),
    ("nonsense:1", "", ["which-order", "conditions", "fee-waived"]),
])  # fmt: skip
def test_buttons_move_add_and_remove_steps(do, focus, keys, letters):
    assert editing.act(letters, do) == focus
    assert [step["key"] for step in letters["step"]][:3] == keys


def test_buttons_move_add_and_remove_branches(letters):
    step = letters["step"][1]
    assert editing.act(letters, "branch-down:1:0") == "when-1-1"
    assert [branch["to"] for branch in step["branch"]] == ["label-at-once", "accepted", "fee-waived"]
    assert editing.act(letters, "branch-drop:1:0") == "branch-1"
    assert editing.act(letters, "branch:1") == "when-1-2"
    assert [branch["to"] for branch in step["branch"]] == ["accepted", "fee-waived", ""]
    assert editing.act(letters, "branch:-1") == "when--1-3"  # before the branch that is always taken
    assert letters["begin"][-1] == {"to": "conditions"}
    assert editing.act(letters, "branch:77") == "when-77-0"  # there is no such step


def test_a_lead_makes_a_draft_of_the_current_version_and_finds_it_again(editor, shelf, alice):
    page = editor.get(reverse("playbook", args=[KEY])).content.decode()
    assert "Edit</span>" in page
    for _twice in range(2):
        answer = editor.post(reverse("playbook-draft", args=[KEY]))
        assert answer.headers["location"] == reverse("playbook-edit", args=[KEY])
    assert Draft.objects.get().base.number == 1
    assert "Return without reason: three letters" in editor.get(reverse("playbooks")).content.decode().split("Being written")[1]
    assert Activity.objects.filter(verb="drafted_playbook").count() == 1


def test_the_form_holds_the_whole_playbook_and_says_it_makes_sense(editor, draft):
    page = editor.get(reverse("playbook-edit", args=[KEY])).content.decode()
    assert page.count("data-step") == 5
    assert 'value="angry or threatens_claim or threatens_court or case_open"' in page
    assert "the buyer swears or writes in capitals" in page
    assert "It makes sense: it can be published." in page
    assert 'href="#step-2"' in page


def test_what_is_saved_is_there_for_a_colleague(editor, draft, sign_in, admin):
    data = {**draft.data, "name": {**draft.data["name"], "en": "Two letters"}}
    assert editor.post(reverse("playbook-edit", args=[KEY]), form(data, do="save")).status_code == 302
    assert "Two letters" in sign_in(admin).get(reverse("playbook-edit", args=[KEY])).content.decode()
    assert Draft.objects.get().revision == 2
    assert Version.objects.filter(key=KEY).count() == 1


def test_a_colleagues_words_are_not_written_over(editor, draft, admin):
    drafts.save(draft, {**draft.data, "name": {"en": "Doras"}}, revision=1, by=admin)
    data = {**draft.data, "name": {"en": "Mine"}}
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(data, do="save"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Dora saved this draft meanwhile" in page
    assert 'value="Mine"' in page
    assert Draft.objects.get().data["name"] == {"en": "Doras"}
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(data, do="save", revision=2))
    assert Draft.objects.get().data["name"] == {"en": "Mine"}


def test_a_button_of_the_form_saves_nothing_and_says_where_to_go_next(editor, draft):
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(draft.data, do="down:0"), headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.headers["HX-Trigger-After-Settle"] == '{"focus-on": "down-1"}'
    assert page.index('name="s0-was" value="conditions"') < page.index('name="s1-was" value="which-order"')
    assert 'id="looked" hx-swap-oob="true"' in page
    assert "<html" not in page
    assert Draft.objects.get().revision == 1
    plain = editor.post(reverse("playbook-edit", args=[KEY]), form(draft.data, do="down:0"))  # without scripts
    assert "<html" in plain.content.decode()


def test_faults_stand_at_their_step_in_words_of_a_lead(editor, draft):
    given = form(draft.data)
    given["s1-when"] = ["accepts", "insits", "angry"]
    page = editor.post(reverse("playbook-look", args=[KEY]), given).content.decode()
    at_step = page.split('id="wrong-1"')[1].split("</div>")[0]
    assert "There is no fact “insits”. Did you mean insists?" in at_step
    assert "the buyer accepts" in page.split('id="words-1-0"')[1][:80]
    assert "can be published" not in page.split('role="status"')[1].split("One thing")[0]
    assert 'class="node step wrong"' in page
    assert Draft.objects.get().revision == 1


def test_each_letter_is_read_in_each_language_with_what_the_platforms_say(editor, draft):
    page = editor.post(reverse("playbook-letter", args=[KEY, 1]), form(draft.data, tongue="es")).content.decode()
    assert 'lang="es"' in page
    assert "15" in page.split('class="preview"')[1].split("</div>")[0]
    assert page.count('name="tongue"') == 15
    nothing = editor.post(reverse("playbook-letter", args=[KEY, 39]), form(draft.data)).content.decode()
    assert "This step says nothing by itself" in nothing


def test_publishing_makes_the_next_version_with_its_note_and_ends_the_draft(editor, draft):
    data = {**draft.data, "step": [{**draft.data["step"][0], "timeout": {"days": 7, "to": "no_answer"}}, *draft.data["step"][1:]]}
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(data, do="publish", note="A week for the order number"))
    assert answer.headers["location"] == reverse("playbook", args=[KEY])
    version = Version.objects.get(key=KEY, current=True)
    assert (version.number, version.note, version.origin) == (2, "A week for the order number", "edited")
    assert queries.playbook_of(version).steps[0].timeout_days == 7
    assert not Draft.objects.exists()


def test_a_draft_that_makes_no_sense_is_saved_and_not_published(editor, draft):
    data = {**draft.data, "step": [{**draft.data["step"][0], "timeout": {"days": 7, "to": "nowhere"}}, *draft.data["step"][1:]]}
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(data, do="publish"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "It was saved, and cannot be published yet." in page
    assert "nowhere (gone)" in page
    assert Version.objects.filter(key=KEY).count() == 1
    assert Draft.objects.get().revision == 2


def test_who_publishes_over_a_newer_version_is_told_first(editor, draft, admin):
    drafts.publish(draft, note="Doras", base=1, by=admin)
    again = drafts.begin(KEY, by=admin)
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(again.data, do="publish", base=1))
    assert "Dora published version 2 meanwhile" in answer.content.decode()
    assert '<input type="hidden" name="base" value="2">' in answer.content.decode()
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(again.data, do="publish", base=2))
    assert Version.objects.get(key=KEY, current=True).number == 3


def test_a_new_playbook_is_begun_written_and_published(editor, shelf):
    given = {"name": "Lamp hums", "key": "lamp-hums", "source": ""}
    assert editor.post(reverse("playbook-new"), given).headers["location"] == reverse("playbook-edit", args=["lamp-hums"])
    page = editor.get(reverse("playbook-edit", args=["lamp-hums"])).content.decode()
    assert "Nothing starts this playbook" in page
    names = {"en": "Lamp hums", "zh-Hans": "灯响", "zh-Hant": "燈響"}
    step = {"key": "first", "name": names, "template": "ask-order-number", "timeout": {"days": 3, "to": "no_answer"}}
    data = {"name": names, "about": names, "topics": ["defective"], "begin": [{"to": "first"}], "step": [step]}
    assert editor.post(reverse("playbook-edit", args=["lamp-hums"]), form(data, do="publish", base=0)).status_code == 302
    assert Version.objects.get(key="lamp-hums", current=True).number == 1


@pytest.mark.parametrize("key", ["new", "Lamp", "a", KEY, ""])
def test_a_key_that_is_taken_or_cannot_stand_in_an_address_is_refused(key, editor, shelf):
    answer = editor.post(reverse("playbook-new"), {"name": "Lamp hums", "key": key})
    assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_a_copy_begins_with_the_steps_of_another(editor, shelf):
    editor.post(reverse("playbook-new"), {"name": "Returns of lamps", "key": "return-lamps", "source": KEY})
    assert [step["key"] for step in Draft.objects.get().data["step"]][1] == "conditions"


def test_discarding_leaves_what_is_published(editor, draft):
    editor.post(reverse("playbook-discard", args=[KEY]))
    assert not Draft.objects.exists()
    assert Version.objects.filter(key=KEY, current=True).count() == 1


@pytest.mark.parametrize("do", ["save", "publish", "trial", "up:1"])
def test_a_button_of_a_draft_that_is_gone_gets_a_sentence(do, editor, draft, admin):
    drafts.publish(draft, note="Doras", base=1, by=admin)
    answer = editor.post(reverse("playbook-edit", args=[KEY]), form(draft.data, do=do, base=1))
    assert (answer.status_code, "published or thrown away since you opened it" in answer.content.decode()) == (409, True)
    assert not Draft.objects.exists()


def test_a_double_click_discards_once(editor, draft):
    answers = [editor.post(reverse("playbook-discard", args=[KEY])).status_code for _twice in range(2)]
    assert answers == [302, 409]
    assert Activity.objects.filter(verb="discarded_draft").count() == 1


def test_a_double_click_saves_once(editor, draft):
    data = {**draft.data, "name": {"en": "Mine"}}
    answers = [editor.post(reverse("playbook-edit", args=[KEY]), form(data, do="save")).status_code for _twice in range(2)]
    assert (answers, Draft.objects.get().revision) == ([302, 302], 2)


@pytest.mark.parametrize("act", ["save", "publish", "discard"])
def test_what_goes_away_between_reading_and_locking_is_gone(act, draft, admin):
    """The two requests read the draft at the same moment; one of them is first."""
    doings = {
        "save": lambda: drafts.save(draft, {}, revision=1, by=admin),
        "publish": lambda: drafts.publish(draft, note="", base=1, by=admin),
        "discard": lambda: drafts.discard(draft, by=admin),
    }
    drafts.discard(Draft.objects.get(), by=admin)
    with pytest.raises(drafts.Gone):
        doings[act]()


def test_a_button_of_what_never_was_is_not_found(editor, shelf):
    assert editor.post(reverse("playbook-edit", args=["never-was"]), {"do": "save"}).status_code == 404
    assert editor.post(reverse("playbook-discard", args=["never-was"])).status_code == 404


def test_only_leads_write_playbooks(sign_in, bob, charlie, draft, make_agent):
    for agent in (bob, charlie, make_agent("olga", "observer")):
        client = sign_in(agent)
        assert "Edit</span>" not in client.get(reverse("playbook", args=[KEY])).content.decode()
        assert client.get(reverse("playbook-edit", args=[KEY])).status_code == 403
        assert client.get(reverse("playbook-new")).status_code == 403
        for name in ("draft", "edit", "look", "discard"):
            assert client.post(reverse(f"playbook-{name}", args=[KEY]), form(draft.data)).status_code == 403
    assert Draft.objects.get().revision == 1


def test_a_form_of_nonsense_breaks_nothing(editor, draft):
    for given in ({}, {"steps": "9" * 30}, {"steps": 3}, {"steps": 41, "b-when": ["("] * 30, "b-to": ["x"] * 30}):
        assert editor.post(reverse("playbook-look", args=[KEY]), given).status_code == 200
        assert editor.post(reverse("playbook-edit", args=[KEY]), given | {"do": "up:1"}).status_code == 200
