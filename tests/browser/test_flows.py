"""What seldom happens and must not go wrong: by hand, in doubt, at night, apart and together, in another layout, offline."""

import re
from base64 import b64decode
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from bridgedesk.assist import actions as assist
from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions, attachments, templates
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.customers.rules import is_night
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.browser.test_walks import DOT, entry, open_talk
from tests.browser.world import fill, writes

ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo", "America/Los_Angeles")


@pytest.fixture
def talks(transactional_db, alice, bob):
    templates.load_content()
    return fill(alice, bob)


@pytest.fixture
def asked_by_hand(transactional_db, alice, bob):
    """A shop without an interface, whose own tool has an address; one buyer waits."""
    options = {"tool_url": "https://tool.example/inbox"}
    shop = Shop.objects.create(name="By hand", platform="manual", external_id="hand", options=options, created_at=clock.now())
    shop.agents.set([alice, bob])
    person = Person("buyer-1", "user", "Lena")
    return actions.receive(shop, MessageReceived("t1", "m1", person, clock.now(), "Is the lamp dimmable?")).conversation


def test_by_hand_the_answer_counts_as_sent_only_when_bob_says_so(screen_of, asked_by_hand, bob):
    page = screen_of(bob, f"/conversations/{asked_by_hand.pk}")
    page.locator("#words").fill("Yes, in three steps.")
    page.locator("#send").click()
    dialog = page.locator("#byhand")
    expect(dialog.locator("textarea")).to_have_value("Yes, in three steps.")
    expect(dialog.locator("[data-tool]")).to_have_attribute("href", "https://tool.example/inbox")
    dialog.get_by_role("button", name="Not sent").click()
    assert not asked_by_hand.messages.filter(direction="out").exists()
    expect(page.locator("#words")).to_have_value("Yes, in three steps.")
    page.locator("#send").click()
    dialog.get_by_role("button", name="It is sent").click()
    expect(page.locator(".said-out[data-state=sent]")).to_contain_text("Yes, in three steps.")
    expect(page.locator("#words")).to_have_value("")
    expect(entry(page, "Lena").locator(".clock")).to_have_count(0)


def test_what_failed_goes_out_again_and_doubt_is_settled_by_who_looked(screen_of, talks, bob):
    talk = talks["陳柏翰"]
    page = screen_of(bob, f"/conversations/{talk.pk}")
    page.locator(".said[data-state=failed]").get_by_role("button", name="Send again").click()
    expect(page.locator(".said[data-state=failed]")).to_have_count(0)
    page.locator(".said[data-state=unsure]").get_by_role("button", name="It arrived").click()
    expect(page.locator(".said[data-state=unsure]")).to_have_count(0)
    assert talk.messages.get(text__startswith="方便提供").state == Message.State.SENT
    assert talk.messages.get(text__startswith="非常抱歉").state == Message.State.QUEUED


def test_at_the_buyers_night_a_call_takes_a_second_thought(screen_of, talks, bob):
    talk = talks["María Fernández"]
    zone = next(name for name in ZONES if is_night(clock.now().astimezone(ZoneInfo(name))))
    talk.customer.timezone, talk.customer.phone = zone, "+34600000000"
    talk.customer.save()
    page = screen_of(bob, f"/conversations/{talk.pk}")
    page.locator("[popovertarget=more-menu]").click()
    page.locator("[data-open=call-dialog]").click()
    expect(page.locator("#call-dialog")).to_contain_text("night")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.evaluate("addEventListener('click', (event) => { document.body.dataset.called = String(!event.defaultPrevented); })")
    page.locator("#call-dialog a[href^=tel]").click()
    assert asked == ["It is night where the buyer is. Call all the same?"]
    expect(page.locator("body")).to_have_attribute("data-called", "false")
    page.locator("#call-dialog [name=ended]").select_option("no_answer")
    page.locator("#call-dialog [name=text]").fill("Will write instead.")
    page.locator("#call-dialog").get_by_role("button", name="Keep").click()
    expect(page.locator(".said-note[data-kind=call]")).to_contain_text("Will write instead.")


def test_a_second_matter_is_split_off_and_brought_back(screen_of, talks, bob):
    talk = talks["Kelvin Tan"]
    writes(talk, "Another thing: my old lamp flickers.")
    page = screen_of(bob, f"/conversations/{talk.pk}")
    second = page.locator(".said-in").filter(has_text="flickers")
    second.hover()
    page.once("dialog", lambda dialog: dialog.accept())
    second.get_by_role("button", name="Split this message off").click()
    expect(page.locator("#toasts")).to_contain_text("conversation of its own")
    expect(entry(page, "Kelvin Tan")).to_have_count(2)
    page.goto(f"/conversations/{talk.pk}")
    page.locator("[popovertarget=more-menu]").click()
    page.locator("[data-open=merge-dialog]").click()
    page.locator("#merge-dialog .menu-item").first.click()
    expect(page.locator("#thread")).to_contain_text("flickers")
    expect(page.locator("#merge-dialog")).to_be_hidden()
    expect(entry(page, "Kelvin Tan")).to_have_count(1)


def test_without_a_service_only_chinese_turns_into_chinese_and_the_rest_says_so(screen_of, talks, bob):
    Agent.objects.filter(pk=bob.pk).update(language="zh-hans")
    page = screen_of(bob, f"/conversations/{talks['陳柏翰'].pk}")
    page.locator("[data-translate]").first.click()
    expect(page.locator(".translation").first).to_contain_text("你们寄错颜色了")
    page.goto(f"/conversations/{talks['Kelvin Tan'].pk}")
    page.locator("[data-translate]").first.click()
    expect(page.locator(".translation .faint")).to_be_visible()
    assert page.locator(".translation .words").count() == 0


def test_the_first_look_is_corrected_by_one_choice_and_brings_other_templates(screen_of, talks, bob):
    talk = talks["Nur Aisyah"]
    Conversation.objects.filter(pk=talk.pk).update(topic="")
    assist.look(talk.messages.get(direction="in"))
    page = screen_of(bob, f"/conversations/{talk.pk}")
    expect(page.locator("#fitting .suggestion").first).to_be_visible()
    page.locator("#triage .correct").click()
    page.locator("#triage select").first.select_option("refund_status")
    expect(page.locator("#triage .chip[data-tone=ok]")).to_have_count(1)
    talk.refresh_from_db()
    assert talk.topic == "refund_status"
    expect(page.locator("#suggestions .chip").first).to_contain_text(re.compile("refund", re.IGNORECASE))


def test_a_mail_in_its_own_layout_fetches_no_picture_before_it_is_asked(screen_of, talks, bob):
    talk = talks["María Fernández"]
    message = talk.messages.get(direction="in")
    Message.objects.filter(pk=message.pk).update(html='<p>Rota</p><img src="https://pixel.example/p.png" alt="p">')
    page = screen_of(bob, f"/conversations/{talk.pk}")
    fetched = []
    page.context.route(
        "https://pixel.example/**", lambda route: (fetched.append(1), route.fulfill(body=b64decode(DOT), content_type="image/png"))
    )
    page.get_by_text("Original layout").click()
    frame = page.frame_locator(".framed iframe")
    expect(frame.get_by_text("Rota")).to_be_visible()
    assert fetched == []
    page.get_by_role("button", name="Load remote pictures").click()
    expect(frame.locator("img")).to_have_js_property("naturalWidth", 1)
    assert fetched


def test_a_picture_opens_large_and_closes_by_key(screen_of, talks, bob):
    talk = talks["Kelvin Tan"]
    attachments.store(talk, talk.messages.get(direction="in"), File("lamp.png", data=b64decode(DOT)))
    page = screen_of(bob, f"/conversations/{talk.pk}")
    page.locator("[data-lightbox]").click()
    expect(page.locator("#lightbox img")).to_have_js_property("naturalWidth", 1)
    page.keyboard.press("Escape")
    expect(page.locator("#lightbox")).to_be_hidden()


def test_a_colleague_named_in_a_note_finds_the_conversation(screen_of, talks, alice, bob):
    hers = screen_of(alice)
    before = hers.locator(".counters-more").get_by_text("mention").count()
    assert before == 0
    actions.note(talks["Kelvin Tan"], "@alice can you look?", by=bob)
    hers.locator(".counters-more").get_by_text("1 mention").click()
    expect(entry(hers, "Kelvin Tan")).to_be_visible()
    open_talk(hers, "Kelvin Tan")
    expect(hers.locator("#thread")).to_contain_text("can you look?")
    expect(hers.locator(".counters-more").get_by_text("mention")).to_have_count(0)


def test_a_filter_is_kept_as_a_view_and_a_conversation_sleeps_until_tomorrow(screen_of, talks, bob):
    page = screen_of(bob, "/?language=ja")
    page.locator("[popovertarget=views-menu]").click()
    page.locator("#views-menu [name=name]").fill("Japan")
    page.locator("#views-menu").get_by_role("button", name="Save this view").click()
    expect(page.locator(".view-name")).to_contain_text("Japan")
    open_talk(page, "佐藤 美咲")
    page.keyboard.press("s")
    page.locator("#snooze-menu .menu-item").nth(1).click()
    expect(entry(page, "佐藤 美咲")).to_have_count(0)
    assert Conversation.objects.get(pk=talks["佐藤 美咲"].pk).snoozed_until > clock.now() + timedelta(hours=1)


def test_the_palette_finds_what_was_said_and_every_page(screen_of, talks, bob):
    actions.close(talks["Kelvin Tan"], by=bob)
    page = screen_of(bob)
    page.keyboard.press("Control+k")
    page.keyboard.type("mint green")
    expect(page.locator("#palette-list [role=option]").first).to_contain_text("Kelvin Tan")
    for link in page.locator(".rail a.rail-link, #rail-more a").all():
        page.locator("#palette-input").fill(link.text_content().strip())
        expect(page.locator(f'#palette-list [role=option][href="{link.get_attribute("href")}"]').first).to_be_visible()


def test_the_first_step_is_a_shop_for_who_may_connect_one(screen_of, transactional_db, admin, charlie):
    page = screen_of(admin)
    page.get_by_role("link", name="Connect a shop").click()
    expect(page).to_have_url(re.compile("/shops/connect"))
    page = screen_of(charlie)
    expect(page.locator("#rows")).to_contain_text("Ask an admin")
    expect(page.get_by_role("link", name="Connect a shop")).to_have_count(0)


def test_an_observer_reads_and_finds_nothing_to_press(screen_of, talks, make_agent):
    olga = make_agent("olga", Agent.Role.OBSERVER, shown_name="Olga")
    for shop in Shop.objects.all():
        shop.agents.add(olga)
    page = screen_of(olga, f"/conversations/{talks['陳柏翰'].pk}")
    expect(page.locator("#thread")).to_contain_text("你們寄錯顏色了")
    expect(
        page.locator("#composer, .pick, [hx-post*='/do/close'], [hx-post*='/do/retry'], [hx-post*='/do/split'], #triage .correct")
    ).to_have_count(0)
    for key in "earnsl":
        page.keyboard.press(key)
    expect(page.locator(".menu:popover-open")).to_have_count(0)
    assert [c for c in page.complaints if "404" not in c] == []


def test_a_lost_connection_is_said_and_so_is_its_return(screen_of, talks, bob):
    page = screen_of(bob)
    page.route("**/live?*", lambda route: route.abort())
    page.reload()
    expect(page.locator(".offline")).to_contain_text("No connection", timeout=15_000)
    page.unroute("**/live?*")
    expect(page.locator(".offline")).to_be_hidden(timeout=15_000)
    expect(page.locator("#toasts")).to_contain_text("Connected again")


def test_with_the_keyboard_up_the_phone_keeps_field_and_send_in_sight(screen_of, talks, bob):
    page = screen_of(bob, f"/conversations/{talks['林怡君'].pk}", width=390, height=844)
    small = "() => [...document.querySelectorAll('.composer button, .talk-head button, .said-acts button, .back')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 32).map((one) => one.className)"  # noqa: E501
    assert page.evaluate(small) == []
    page.locator("#words").tap()
    page.set_viewport_size({"width": 390, "height": 440})  # interactive-widget=resizes-content
    page.locator("#words").fill("一\n二\n三\n四\n五\n六\n七\n八")
    for there in ("#words", "#send"):
        box = page.locator(there).bounding_box()
        assert box
        assert 0 <= box["y"] <= 440 - box["height"], there
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
