"""The work of a morning, by hand, by key and by thumb."""

import re

import pytest
from playwright.sync_api import expect

from bridgedesk.conversations import actions, templates
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib.live import announce
from tests.browser.world import fill, writes

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture
def talks(transactional_db, alice, bob):
    templates.load_content()
    return fill(alice, bob)


def entry(page, name):
    return page.locator("#rows .entry").filter(has_text=name)


def open_talk(page, name):
    entry(page, name).locator(".entry-link").click()
    expect(page.locator(".talk-title h1")).to_have_text(name)


def test_bob_answers_with_a_template_in_the_buyers_language_and_takes_it_back(screen_of, talks, bob):
    page = screen_of(bob)
    open_talk(page, "林怡君")
    box = page.locator("#words")
    box.press_sequentially("/")
    expect(page.locator("#completions [role=option]").first).to_be_visible()
    box.press("Enter")
    expect(box).not_to_have_value(re.compile("^/?$"))
    while "⟦" in box.input_value():  # the first gap is selected; Tab goes to the next
        page.keyboard.type("7-ELEVEN")
        page.keyboard.press("Tab") if "⟦" in box.input_value() else None
    said = box.input_value()
    page.locator("#send").click()
    bubble = page.locator(".said-out[data-state=queued]")
    expect(bubble.locator(".words")).to_contain_text(said.splitlines()[0])
    expect(box).to_have_value("")
    kept = Message.objects.get(conversation=talks["林怡君"], direction="out", author=bob)
    assert kept.template is not None
    assert kept.language in ("", "zh-Hant")
    bubble.get_by_role("button", name="Undo").click()
    expect(box).to_have_value(said)
    expect(bubble).to_have_count(0)
    kept.refresh_from_db()
    assert kept.state == Message.State.WITHDRAWN
    assert [c for c in page.complaints if "404" not in c] == []


def test_what_shopee_forbids_cannot_be_sent_and_the_words_are_marked(screen_of, talks, bob):
    page = screen_of(bob, f"/conversations/{talks['Kelvin Tan'].pk}")
    page.locator("#words").fill("Sure! Write me on WhatsApp +60 12 345 6789 please.")
    expect(page.locator("#findings .finding[data-tone=bad]").first).to_be_visible()
    expect(page.locator("#marks mark[data-verdict=forbidden]").first).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    page.locator("#words").press("Control+Enter")
    page.locator("#words").fill("Sure, we have it in mint green.")
    expect(page.locator("#send")).to_be_enabled()
    expect(page.locator("#findings .finding")).to_have_count(0)
    assert not Message.objects.filter(conversation=talks["Kelvin Tan"], direction="out").exists()


def test_what_needs_a_person_is_released_by_a_click_that_is_recorded(screen_of, talks, bob):
    talk = talks["María Fernández"]
    page = screen_of(bob, f"/conversations/{talk.pk}")
    person = page.locator("#purpose option[data-verdict=person]").first.get_attribute("value")
    assert person
    page.locator("#purpose").select_option(person)
    page.locator("#words").fill("Hola María, ¿le llegó bien la lámpara?")
    expect(page.locator("[data-release]")).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    page.locator("[data-release]").click()
    expect(page.locator("#send")).to_be_enabled()
    page.locator("#send").click()
    expect(page.locator(".said-out")).to_be_visible()
    assert Message.objects.get(conversation=talk, direction="out").released_by == bob


def test_what_a_buyer_writes_shows_on_every_screen_without_reload(screen_of, talks, alice, bob):
    first, second = screen_of(alice), screen_of(bob, f"/conversations/{talks['Kelvin Tan'].pk}")
    expect(entry(second, "Kelvin Tan")).to_be_visible()
    first.evaluate("window.unbroken = true")
    writes(talks["Kelvin Tan"], "And do you ship on Saturdays?")
    expect(entry(first, "Kelvin Tan")).to_contain_text("And do you ship on Saturdays?")
    expect(second.locator("#thread")).to_contain_text("And do you ship on Saturdays?")
    actions.close(talks["Kelvin Tan"], by=alice)
    expect(entry(first, "Kelvin Tan")).to_have_count(0)
    assert first.evaluate("window.unbroken")


def test_charlie_hears_nothing_of_alices_shop(screen_of, talks, charlie):
    page = screen_of(charlie)
    expect(page.locator("#rows")).to_contain_text("No shop yet")
    listen = "() => { new BroadcastChannel('bridgedesk-live').onmessage = ({data}) => { document.body.dataset.heard += ' ' + data.kind; } }"
    page.evaluate(listen)
    writes(talks["Kelvin Tan"], "A secret")
    actions.close(talks["Jürgen Weiß"], by=None)
    announce("team", shop=None)
    expect(page.locator("body")).to_have_attribute("data-heard", re.compile("team"))
    assert set(page.locator("body").get_attribute("data-heard").split()) <= {"undefined", "hello", "resync", "team"}


def test_colleagues_see_who_types_and_a_second_answer_asks_first(screen_of, talks, alice, bob):
    address = f"/conversations/{talks['Анна Смирнова'].pk}"
    hers, his = screen_of(alice, address), screen_of(bob, address)
    hers.locator("#words").press_sequentially("Здравствуйте")
    expect(his.locator("#presence")).to_contain_text("Alice is typing")
    hers.locator("#words").fill("Здравствуйте! Доставка идёт две недели.")
    hers.locator("#send").click()
    expect(his.locator("#thread")).to_contain_text("Доставка идёт две недели.")
    his.locator("#words").fill("Здравствуйте! Около двух недель.")
    his.locator("#send").click()
    expect(his.locator("#collision")).to_contain_text("Alice just answered")
    his.get_by_role("button", name="Keep my draft").click()
    expect(his.locator("#words")).to_have_value("Здравствуйте! Около двух недель.")


def test_everything_by_key(screen_of, talks, bob):
    page = screen_of(bob)
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    expect(page.locator('.entry[aria-current="true"]')).to_have_count(1)
    name = page.locator('.entry[aria-current="true"] .who').inner_text()
    keys.press("Enter")
    expect(page.locator(".talk-title h1")).to_have_text(name)
    keys.press("n")
    expect(page.locator("#composer")).to_have_attribute("data-mode", "note")
    keys.type("Seen. @al")
    expect(page.locator("#completions [role=option]")).to_have_count(1)
    keys.press("Enter")
    keys.press("Control+Enter")
    expect(page.locator(".said-note").filter(has_text="@alice")).to_be_visible()
    keys.press("Escape")
    keys.press("a")
    expect(page.locator("#assign-menu .menu-item").first).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Assigned to Bob")
    keys.press("l")
    expect(page.locator("#tag-menu input[name=tag]")).to_be_focused()
    keys.type("vip")
    keys.press("Enter")
    expect(page.locator(".entry.open")).to_contain_text("vip")
    keys.press("e")
    expect(page.locator("#talk-head")).to_contain_text("Reopen")
    keys.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    keys.type("unassig")
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Unassigned")
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"assignee=nobody"))
    keys.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert [c for c in page.complaints if "404" not in c] == []


def test_keys_do_nothing_while_chinese_is_being_composed(screen_of, talks, bob):
    page = screen_of(bob, f"/conversations/{talks['林怡君'].pk}")
    page.locator("#words").focus()
    page.evaluate(
        """() => { const box = document.querySelector("#words");
        box.value = "ni hao";
        box.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, isComposing: true, bubbles: true}));
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "e", isComposing: true, bubbles: true})); }"""
    )
    expect(page.locator("#words")).to_have_value("ni hao")
    expect(page.locator("#talk-head")).to_contain_text("Close")
    assert Conversation.objects.get(pk=talks["林怡君"].pk).state == "open"
    assert not Message.objects.filter(conversation=talks["林怡君"], direction="out", author=bob).exists()


def test_a_draft_waits_where_it_was_written(screen_of, talks, bob):
    page = screen_of(bob, f"/conversations/{talks['林怡君'].pk}")
    page.locator("#words").fill("您好，我馬上查")
    open_talk(page, "Kelvin Tan")
    expect(page.locator("#words")).to_have_value("")
    open_talk(page, "林怡君")
    expect(page.locator("#words")).to_have_value("您好，我馬上查")


def test_many_at_once(screen_of, talks, bob):
    page = screen_of(bob)
    for name in ("Kelvin Tan", "Анна Смирнова"):
        entry(page, name).locator(".pick input").check(force=True)
    expect(page.locator("[data-picked]")).to_have_text("2 selected")
    page.locator("#bulk").get_by_role("button", name="Close").click()
    expect(entry(page, "Kelvin Tan")).to_have_count(0)
    expect(page.locator("#bulk")).to_be_hidden()
    assert Conversation.objects.filter(state="closed").count() == 2


def test_from_the_phone_one_pane_at_a_time(screen_of, talks, bob):
    page = screen_of(bob, width=390, height=844)
    expect(page.locator("#conversation")).to_be_hidden()
    entry(page, "Kelvin Tan").locator(".entry-link").tap()
    expect(page.locator("#composer")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    page.locator("[data-context]").first.tap()
    expect(page.locator("#context")).to_be_visible()
    page.locator(".context-close").tap()
    expect(page.locator("#context")).to_be_hidden()
    page.locator("#words").fill("Yes, we have it.")
    page.locator("#send").tap()
    expect(page.locator(".said-out[data-state=queued]")).to_be_visible()
    page.locator("[data-back]").tap()
    expect(page.locator("#rows")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))
    assert [c for c in page.complaints if "404" not in c] == []


def test_by_thumb_many_are_ticked_and_closed(screen_of, talks, bob):
    page = screen_of(bob, width=390, height=844)
    expect(page.locator(".pick").first).to_be_hidden()
    page.locator("[data-pick]").tap()
    for name in ("Kelvin Tan", "Анна Смирнова"):
        entry(page, name).locator(".entry-link").tap()
    expect(page.locator("[data-picked]")).to_have_text("2 selected")
    page.locator("#bulk").get_by_role("button", name="Close").tap()
    expect(entry(page, "Kelvin Tan")).to_have_count(0)
    expect(page.locator("#bulk")).to_be_hidden()


def test_files_are_pasted_dropped_and_thrown_away(screen_of, talks, bob):
    page = screen_of(bob, f"/conversations/{talks['María Fernández'].pk}")
    page.evaluate(
        """(png) => { const data = new DataTransfer();
        const bytes = Uint8Array.from(atob(png), c => c.charCodeAt(0));
        data.items.add(new File([bytes], "lamp.png", {type: "image/png"}));
        const paste = {clipboardData: data, bubbles: true, cancelable: true};
        document.querySelector("#words").dispatchEvent(new ClipboardEvent("paste", paste)); }""",
        DOT,
    )
    expect(page.locator("#drafts input[name=files]")).to_have_count(1)
    page.locator("#drafts button").click()
    expect(page.locator("#drafts li")).to_have_count(0)
