"""Buyers' ratings as Shopee tells them (v2.product.get_comment) [O]. Pure."""

from bridgedesk.channels.base import Unparsable
from bridgedesk.channels.events import ReviewSeen
from bridgedesk.channels.shopee_orders import order_of
from bridgedesk.channels.shopee_values import Json, addresses, count, id_of, is_yes, moment, part, told

CHANGEABLE = {"EDITABLE": "yes", "HAVE_EDIT_ONCE": "used", "EXPIRED": "no"}


def review(data: Json) -> ReviewSeen:
    """One rating. The answer stands in `comment_reply` by the table and in `cmt_reply` by the sample [O, both]."""
    number = id_of(data.get("comment_id"))
    if not number:
        raise Unparsable("a rating without its id")
    media, reply = part(data, "media"), part(data, "comment_reply") or part(data, "cmt_reply")
    models = data.get("model_id_list")
    stars = count(data.get("rating_star")) or 0
    return ReviewSeen(
        number,
        order=order_of(data),
        item=id_of(data.get("item_id")),
        model=id_of(data.get("model_id")) or (id_of(models[0]) if isinstance(models, list) and models else ""),
        stars=stars if 1 <= stars <= 5 else 0,
        text=told(data.get("comment")),
        at=moment(data.get("create_time")),
        buyer=told(data.get("buyer_username")),
        images=addresses(media, "image_url_list"),
        videos=addresses(media, "video_url_list"),
        reply=told(reply.get("reply")),
        replied_at=moment(reply.get("create_time")),
        changeable=CHANGEABLE.get(told(data.get("editable")), ""),
        hidden=is_yes(data.get("hidden")),
    )
