"""What was kept in English is told in the reader's language, whatever foreign words it was joined with."""

import pytest
from django.utils import translation

from bridgedesk.lib.words import told


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("", ""),
        ("The mailbox is full", "邮箱已满"),
        ("The mailbox is full: 552 5.2.2 Over quota", "邮箱已满：552 5.2.2 Over quota"),
        ("imap.example.com:993: cannot be reached (ConnectionRefusedError)", "imap.example.com:993：连不上（ConnectionRefusedError）"),
        (
            "Shopee cannot be reached. (partner.example: gave no answer (ReadTimeout))",
            "连不上虾皮。（partner.example：没有应答（ReadTimeout））",
        ),
        ("push 3: order status", "推送 3：订单状态"),
        ("No such user (here): go away", "No such user (here): go away"),
        ("100 % done", "100 % done"),
        ("<b>550</b> no", "<b>550</b> no"),
    ],
)
def test_a_kept_text_speaks_the_readers_language(kept: str, shown: str) -> None:
    with translation.override("zh-hans"):
        assert told(kept) == shown
    with translation.override("en"):
        assert told(kept) == kept
