"""The gate asked about a conversation: whose policy, which limits, which buyer."""

from collections.abc import Sequence

from bridgedesk.channels.base import Limits
from bridgedesk.channels.policy import policy, policy_name
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations.gate import Ruling, examine
from bridgedesk.conversations.models import Attachment, Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of


def limits_of(shop: Shop) -> Limits | None:
    """What one message to this shop's buyers may be; None where the platform is not spoken."""
    channel = CHANNELS.get(shop.platform)
    return channel.limits(account_of(shop)) if channel else None


def ruling_on(
    conversation: Conversation,
    text: str,
    *,
    purpose: str = "answer",
    language: str = "",
    files: Sequence[Attachment] = (),
    released: bool = False,
    automatic: bool = False,
) -> Ruling:
    """Whether this may go to this buyer now. The composer asks while the agent types, `reply` asks, the worker asks again."""
    return examine(
        text,
        purpose=purpose,
        policy=policy(policy_name(conversation.shop, conversation.address)),
        limits=limits_of(conversation.shop),
        on=clock.now().date(),
        automatic=automatic,
        released=released,
        language=language,
        buyer_language=conversation.language,
        country=conversation.customer.country,
        files=files,
    )


def ruling_of(message: Message) -> Ruling:
    """The same for a queued message, before it is sent. An agent's release holds; its language was weighed when it was written."""
    return ruling_on(
        message.conversation,
        message.text,
        purpose=message.purpose,
        language=message.conversation.language,
        files=list(message.attachments.all()),
        released=message.released_by_id is not None,
        automatic=message.automatic,
    )
