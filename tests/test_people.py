from bridgedesk.shops.models import Shop


def test_charlie_does_not_see_the_shop_that_alice_and_bob_share(shop, alice, bob, charlie, admin):
    assert [list(Shop.objects.visible_to(who)) for who in (alice, bob, charlie, admin)] == [[shop], [shop], [], [shop]]
