"""Buyers react to what they are told, after a pause, and lose patience when told nothing."""

import time
from email import message_from_bytes, policy

from bridgedesk.sandbox import letters, scenery
from bridgedesk.sandbox.scenery import TAIWAN


def lines(sandbox):
    return sandbox.do(lambda s: [(x.from_buyer, x.kind) for talk in s.shopee.talks.values() for x in talk.lines])


def until(sandbox, reached, seconds=10):
    for _ in range(int(seconds / 0.02)):
        if reached():
            return
        time.sleep(0.02)
    raise AssertionError(f"it did not come to that: {sandbox.do(lambda s: s.cast.actors)}")


def answers(sandbox, entered, text):
    def act(servers):
        talk = servers.shopee.talk(TAIWAN.shop_id, int(entered["buyer"]))
        talk.say(servers.world, "text", {"text": text}, from_buyer=False)
        servers.shopee.on_answer[0](talk, text, ())

    sandbox.do(act)


def state(sandbox):
    return sandbox.do(lambda s: [actor.state for actor in s.cast.actors.values()])


def quick(sandbox):
    sandbox.do(lambda s: setattr(s.world, "speed", 20_000))


def calm(sandbox):
    sandbox.do(lambda s: setattr(s.world, "speed", 0.001))


def test_asked_for_a_photo_the_buyer_sends_one(sandbox):
    calm(sandbox)
    entered = sandbox.do(lambda s: s.cast.enter("wrong_colour", shop=str(TAIWAN.shop_id)))
    quick(sandbox)
    answers(sandbox, entered, "請您拍張照片給我們")
    until(sandbox, lambda: (True, "image") in lines(sandbox))


def test_left_alone_the_buyer_loses_patience(sandbox):
    quick(sandbox)
    sandbox.do(lambda s: s.cast.enter("no_patience", shop=str(TAIWAN.shop_id)))
    until(sandbox, lambda: state(sandbox) == ["again"])
    until(sandbox, lambda: len(lines(sandbox)) >= 3)


def test_a_satisfied_buyer_is_done(sandbox):
    calm(sandbox)
    entered = sandbox.do(lambda s: s.cast.enter("not_received", shop=str(TAIWAN.shop_id)))
    quick(sandbox)
    answers(sandbox, entered, "我們幫您補寄一個")
    until(sandbox, lambda: state(sandbox) == ["done"])


def test_a_mail_buyer_answers_in_the_thread(sandbox):
    calm(sandbox)
    entered = sandbox.do(lambda s: s.cast.enter("where_is_order", shop=scenery.OWN_SITE, language="pl"))
    quick(sandbox)

    def reply(servers):
        asked = servers.mail.boxes[scenery.OWN_SITE].inbox.mails[0].parsed()
        ours = letters.Letter(
            "Lumen", scenery.OWN_SITE, entered["buyer"], "Re: " + str(asked["Subject"]), "Jest w drodze.", "pl", servers.world.now()
        )
        servers.mail.hand(
            scenery.OWN_SITE, entered["buyer"], message_from_bytes(letters.compose(ours, "<o1@lumen>"), policy=policy.default)
        )

    sandbox.do(reply)
    until(sandbox, lambda: len(sandbox.do(lambda s: list(s.mail.boxes[scenery.OWN_SITE].inbox.mails))) == 2)
    back = sandbox.do(lambda s: s.mail.boxes[scenery.OWN_SITE].inbox.mails[1].parsed())
    assert back["In-Reply-To"] == "<o1@lumen>"


def test_automatic_mails_move_nobody(sandbox):
    calm(sandbox)
    entered = sandbox.do(lambda s: s.cast.enter("where_is_order", shop=scenery.OWN_SITE, language="pl"))

    def reply(servers):
        ours = letters.Letter("Lumen", scenery.OWN_SITE, entered["buyer"], "Re", "Auto", "pl", servers.world.now(), automatic=True)
        servers.mail.hand(
            scenery.OWN_SITE, entered["buyer"], message_from_bytes(letters.compose(ours, "<o1@lumen>"), policy=policy.default)
        )

    sandbox.do(reply)
    assert sandbox.do(lambda s: [actor.heard for actor in s.cast.actors.values()]) == [0]
