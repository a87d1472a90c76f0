"""Somebody signs in again and the browser opens the address of the button that was pressed."""


def test_a_button_s_address_opened_by_itself_says_that_nothing_was_changed(shop, alice, sign_in):
    page = sign_in(alice).get("/playbooks/damaged/draft", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["Allow"]) == (405, "POST")
    assert "Nothing was changed" in page.content.decode()


def test_a_program_gets_the_bare_refusal(shop, alice, sign_in):
    page = sign_in(alice).get("/playbooks/damaged/draft", headers={"accept": "application/json"})
    assert (page.status_code, page.content) == (405, b"")
