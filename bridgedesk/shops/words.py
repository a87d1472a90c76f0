"""The words of shops on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from bridgedesk.shops.models import Shop, Threshold

Words = Mapping[str, "str | Promise"]

STATES: Words = {
    Shop.State.CONNECTED: pgettext_lazy("shop", "connected"),
    Shop.State.PAUSED: pgettext_lazy("shop", "paused"),
    Shop.State.BROKEN: pgettext_lazy("shop", "must be reconnected"),
}
STATE_TONES = {Shop.State.CONNECTED: "ok", Shop.State.PAUSED: "note", Shop.State.BROKEN: "bad"}
FIGURES: Words = {
    "response_hours": gettext_lazy("Hours to answer a buyer"),
    "warn_hours": gettext_lazy("Hours before the end from which we warn"),
    "response_rate": gettext_lazy("Response rate wanted"),
    "response_rate_days": gettext_lazy("Days the response rate looks back"),
    "response_rate_point": gettext_lazy("Response rate that costs a point"),
    "response_rate_preferred": gettext_lazy("Response rate of preferred sellers"),
    "claim_answer_hours": gettext_lazy("Hours to answer a claim"),
    "dispute_answer_hours": gettext_lazy("Hours to answer a dispute"),
    "late_shipment_rate": gettext_lazy("Late shipments at most"),
    "non_fulfilment_rate": gettext_lazy("Orders not fulfilled at most"),
    "on_time_delivery_rate": gettext_lazy("Deliveries in time at least"),
    "order_defect_rate": gettext_lazy("Orders with a defect at most"),
    "personal_data_days": gettext_lazy("Days a buyer's personal data may be kept"),
    "points_first_tier": gettext_lazy("Penalty points of the first tier"),
    "pre_fulfilment_cancel_rate": gettext_lazy("Cancellations by the seller at most"),
    "proactive_days": gettext_lazy("Days after the order in which one may write first"),
    "extend_receipt_most_days": gettext_lazy("Days by which the time to confirm receipt is extended at most"),
    "review_edit_days": gettext_lazy("Days in which a buyer can change a review"),
    "review_ask_from_days": gettext_lazy("Days after delivery from which a review may be asked for"),
    "review_ask_until_days": gettext_lazy("Days after delivery until which a review may be asked for"),
    "note_length": gettext_lazy("Characters of a platform’s order note"),
    "pickup_rate": gettext_lazy("Parcels collected, below which a buyer is looked at"),
    "pickup_least_orders": gettext_lazy("Parcels from which the share collected counts"),
    "unpaid_hours": gettext_lazy("Hours an order may wait for payment"),
    "duplicate_hours": gettext_lazy("Hours in which the same article twice may be a mistake"),
    "cover_days": gettext_lazy("Days of sales that lie on the shelf"),
    "buyer_answer_hours": gettext_lazy("Hours a buyer has to answer a question on the order"),
    "buyer_answer_before_shipping": gettext_lazy("Hours before shipping by which the answer must be there"),
    "terms_change_after_swap": gettext_lazy("Own shop: an order is changed after a swap (1 yes, 0 no)"),
    "terms_other_product": gettext_lazy("Own shop: swaps for another product (1 yes, 0 no)"),
    "terms_refund_elsewhere": gettext_lazy("Own shop: refunds to another payment method (1 yes, 0 no)"),
    "terms_return_days": gettext_lazy("Own shop: days after delivery in which goods come back (0: whenever)"),
    "many_pieces": gettext_lazy("Pieces of one article that are asked about"),
    "large_order": gettext_lazy("Order total worth a call"),
    "large_cash_on_delivery": gettext_lazy("Cash on delivery worth a call"),
    "remedy_letter": gettext_lazy("Remedies: what one more letter costs"),
    "remedy_review": gettext_lazy("Remedies: what a bad review costs"),
    "remedy_floor": gettext_lazy("Remedies: buyers left content at least"),
    "remedy_letters": gettext_lazy("Remedies: letters at most"),
    "remedy_approval": gettext_lazy("Remedies: dearer ones are released by a lead"),
    "remedy_no_return": gettext_lazy("Remedies: goods below this value never come back"),
    "remedy_freight_out": gettext_lazy("Remedies: freight to the buyer"),
    "remedy_freight_out_kg": gettext_lazy("Remedies: freight to the buyer, each kilogram"),
    "remedy_freight_back": gettext_lazy("Remedies: freight back"),
    "remedy_freight_back_kg": gettext_lazy("Remedies: freight back, each kilogram"),
    "remedy_restocking_fee": gettext_lazy("Remedies: restocking fee"),
    "remedy_part": gettext_lazy("Remedies: what a part is of the whole"),
    "remedy_claim_lost": gettext_lazy("Remedies: claims and disputes the buyer wins"),
    "remedy_claim_mark": gettext_lazy("Remedies: what a claim does to the shop's standing"),
    "remedy_claim_fee": gettext_lazy("Remedies: fee of a claim or chargeback"),
    "remedy_commission": gettext_lazy("Remedies: commission of the platform"),
    "remedy_commission_back": gettext_lazy("Remedies: commission given back with a refund"),
    "remedy_goods": gettext_lazy("Remedies: cost of goods where it is not known, of the price"),
    "photo_from": gettext_lazy("Order total from which packing is photographed"),
    "valid_tracking_rate": gettext_lazy("Valid tracking numbers at least"),
}
UNITS: Words = {
    "hours": pgettext_lazy("unit", "h"),
    "days": pgettext_lazy("unit", "days"),
    "percent": "%",
    "points": pgettext_lazy("unit", "points"),
    "minutes": pgettext_lazy("unit", "min"),
    "count": "",
    "money": pgettext_lazy("unit", "in the order's currency"),
}
SURE: Words = {
    Threshold.Sure.OFFICIAL: pgettext_lazy("source", "official"),
    Threshold.Sure.THIRD_PARTY: pgettext_lazy("source", "third party"),
    Threshold.Sure.UNCONFIRMED: pgettext_lazy("source", "unconfirmed"),
    Threshold.Sure.OWN: pgettext_lazy("source", "our own"),
}
ORIGINS: Words = {
    "shop": pgettext_lazy("figure", "this shop"),
    "platform": pgettext_lazy("figure", "all shops there"),
    "reported": pgettext_lazy("figure", "told by the platform"),
    "shipped": pgettext_lazy("figure", "shipped"),
}
COLORS: Words = {
    "slate": pgettext_lazy("color", "Slate"),
    "red": pgettext_lazy("color", "Red"),
    "orange": pgettext_lazy("color", "Orange"),
    "amber": pgettext_lazy("color", "Amber"),
    "green": pgettext_lazy("color", "Green"),
    "teal": pgettext_lazy("color", "Teal"),
    "blue": pgettext_lazy("color", "Blue"),
    "indigo": pgettext_lazy("color", "Indigo"),
    "violet": pgettext_lazy("color", "Violet"),
    "pink": pgettext_lazy("color", "Pink"),
}
