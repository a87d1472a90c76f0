"""A morning's inbox: three shops, a dozen buyers in their languages, every kind of bubble."""

from datetime import datetime, timedelta
from itertools import count

from bridgedesk.channels.events import MessageReceived, MessageSent, Person
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

_ids = count(1)

BUYERS = [
    # shop, name, country, language, zone, hours ago, topic, mood, text
    (
        "tw",
        "林怡君",
        "TW",
        "zh-Hant",
        "Asia/Taipei",
        11.6,
        "wismo",
        "",
        "請問我的包裹到哪裡了？訂單 251120KX7P2M 已經五天沒有更新了，可以幫我查一下嗎",
    ),
    (
        "tw",
        "陳柏翰",
        "TW",
        "zh-Hant",
        "Asia/Taipei",
        9.4,
        "wrong_item",
        "accusing",
        "你們寄錯顏色了！我訂的是白色，收到的是黑色的檯燈。麻煩處理一下，謝謝。",
    ),
    (
        "my",
        "Nur Aisyah",
        "MY",
        "ms",
        "Asia/Kuala_Lumpur",
        12.4,
        "pickup_failed",
        "",
        "Hi, parcel saya dah sampai ke pusat pengumpulan? Saya tak terima SMS.",
    ),
    (
        "my",
        "Kelvin Tan",
        "MY",
        "en",
        "Asia/Kuala_Lumpur",
        2.1,
        "stock",
        "",
        "Do you still have the desk lamp in mint green? I would take three.",
    ),
    (
        "mail",
        "María Fernández",
        "ES",
        "es",
        "Europe/Madrid",
        20,
        "damaged",
        "",
        "Buenos días, la lámpara llegó con la pantalla rota. Adjunto fotos. ¿Qué podemos hacer?",
    ),
    (
        "mail",
        "Jürgen Weiß",
        "DE",
        "de",
        "Europe/Berlin",
        22.5,
        "refund_status",
        "rude",
        "WO BLEIBT MEIN GELD? SEIT DREI WOCHEN WARTE ICH AUF DIE ERSTATTUNG. Eine Frechheit ist das.",
    ),
    (
        "mail",
        "Анна Смирнова",
        "RU",
        "ru",
        "Europe/Moscow",
        5,
        "delivery_time",
        "",
        "Здравствуйте! Сколько идёт доставка в Казань? Хочу успеть до Нового года.",
    ),
    (
        "mail",
        "佐藤 美咲",
        "JP",
        "ja",
        "Asia/Tokyo",
        1.2,
        "tech_question",
        "",
        "このランプは日本の100Vで使えますか？プラグの形も教えてください。",
    ),
    (
        "mail",
        "سارة العتيبي",
        "SA",
        "ar",
        "Asia/Riyadh",
        3.5,
        "change_address",
        "",
        "مرحبا، أريد تغيير عنوان الشحن لطلبي رقم BD-20931 قبل الإرسال من فضلكم.",
    ),
    (
        "mail",
        "João Pereira",
        "BR",
        "pt-BR",
        "America/Sao_Paulo",
        7,
        "customs",
        "",
        "Olá! Preciso pagar imposto de importação para liberar o pacote?",
    ),
    ("tw", "สมชาย ใจดี", "TH", "th", "Asia/Bangkok", 0.4, "product_info", "", "โคมไฟรุ่นนี้ปรับแสงได้กี่ระดับครับ"),
]


def fill(alice: Agent, bob: Agent) -> dict[str, Conversation]:
    """Everything committed; conversations by buyer's name."""
    now = clock.now()
    shops = _shops(alice, bob)
    talks = {row[1]: _arrives(shops[row[0]], row, now) for row in BUYERS}
    _history(talks["林怡君"], alice, bob, now)
    _states(talks["陳柏翰"], alice, now)
    actions.assign(talks["陳柏翰"], bob, by=alice)
    actions.assign(talks["Jürgen Weiß"], alice, by=alice)
    actions.tag(talks["María Fernández"], "resend", by=alice)
    actions.snooze(talks["João Pereira"], now + timedelta(days=1), by=alice)
    return {name: Conversation.objects.get(pk=c.pk) for name, c in talks.items()}


def writes(c: Conversation, text: str, at: datetime | None = None, **more: object) -> Message | None:
    """The buyer of `c` writes again."""
    person = Person(c.address, "email" if c.shop.platform == "email" else "user", c.customer.name)
    event = MessageReceived(c.external_id, f"m{next(_ids)}", person, at or clock.now(), text, **more)  # type: ignore[arg-type]
    return actions.receive(c.shop, event)


def _shops(alice: Agent, bob: Agent) -> dict[str, Shop]:
    made = {
        "tw": _shop("禾光燈飾 蝦皮", "shopee", "TW", "orange", "Asia/Taipei"),
        "my": _shop("Lumi Home MY", "shopee", "MY", "teal", "Asia/Kuala_Lumpur"),
        "mail": _shop("lumihome.eu", "email", "", "indigo", "Europe/Berlin"),
    }
    for shop in made.values():
        shop.agents.set([alice, bob])
    return made


def _shop(name: str, platform: str, region: str, color: str, zone: str) -> Shop:
    options = {"address": "service@lumihome.eu"} if platform == "email" else {}
    return Shop.objects.create(
        name=name, platform=platform, external_id=name, region=region, color=color, timezone=zone, options=options, created_at=clock.now()
    )


def _arrives(shop: Shop, row: tuple[object, ...], now: datetime) -> Conversation:
    _shop_key, name, country, language, zone, hours, topic, mood, text = row
    key = f"buyer{next(_ids)}"
    email = shop.platform == "email"
    person = Person(f"{key}@example.org" if email else key, "email" if email else "user", str(name), country=str(country))
    subject = str(text)[:40] if email else ""
    at = now - timedelta(hours=float(str(hours)))
    message = actions.receive(shop, MessageReceived(f"thread-{key}", f"m{next(_ids)}", person, at, str(text), subject=subject))
    assert message is not None
    c = message.conversation
    c.customer.country, c.customer.timezone, c.customer.language = str(country), str(zone), str(language)
    c.customer.save()
    Conversation.objects.filter(pk=c.pk).update(language=language, topic=topic, mood=mood)
    return Conversation.objects.get(pk=c.pk)


def _history(c: Conversation, alice: Agent, bob: Agent, now: datetime) -> None:
    person = Person(c.address, "user", c.customer.name)
    for days, text in [(6, "您好，請問檯燈有現貨嗎？"), (5, "好的，已經下單了，謝謝！")]:
        at = now - timedelta(days=days)
        actions.receive(c.shop, MessageReceived(c.external_id, f"m{next(_ids)}", person, at, text))
        told = "您好，感謝您的訊息！我們已收到，會盡快回覆您。"
        greeting = MessageSent(c.external_id, f"m{next(_ids)}", person, at + timedelta(seconds=20), told, automatic=True)
        actions.record_sent(c.shop, greeting)
        answer = "有的，今天下單明天就會寄出喔。" if days == 6 else "感謝您的訂購，寄出後會通知您追蹤號碼。"
        actions.record_sent(
            c.shop, MessageSent(c.external_id, f"m{next(_ids)}", person, at + timedelta(minutes=14), answer, sender="lumi_tw")
        )
    actions.note(c, "@bob 物流顯示卡在轉運中心，已開工單，明天早上再看一次。", by=alice)
    Conversation.objects.filter(pk=c.pk).update(order_ref="251120KX7P2M")
    Order.objects.create(shop=c.shop, customer=c.customer, external_id="251120KX7P2M", status="SHIPPED", status_at=now, first_seen_at=now)


def _states(c: Conversation, alice: Agent, now: datetime) -> None:
    common = {
        "conversation": c,
        "shop": c.shop,
        "direction": "out",
        "author": alice,
        "created_at": now,
        "purpose": "answer",
        "language": "zh-Hant",
    }
    for minutes, state, text, error in [
        (50, "failed", "非常抱歉寄錯了顏色，我們會立刻補寄白色檯燈給您。", "Shopee refused. (error_chat_blocked)"),
        (40, "unsure", "方便提供收到商品的照片嗎？", "It may have arrived, and the platform cannot say. Please look."),
        (3, "queued", "補寄的包裹今天就會寄出，黑色的不用寄回。", ""),
    ]:
        at = now - timedelta(minutes=minutes)
        Message.objects.create(
            **common,
            state=state,
            text=text,
            error=error,
            at=at,
            reference=f"r{next(_ids)}",
            not_before=now + timedelta(hours=1),
            attempts=1,
        )
    writes(c, "", at=now - timedelta(minutes=30), kind="unsupported", meta={"type": "voucher"})
    Conversation.objects.filter(pk=c.pk).update(trouble=True)
