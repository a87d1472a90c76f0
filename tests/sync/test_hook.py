"""Pushes from a platform: verified, stored once, acknowledged with nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from bridgedesk.shops.models import Shop
from bridgedesk.sync.models import Delivery, Rejection
from tests.pretend import said, sign


def push(shop: Shop, body: bytes, signature: str | None = None, **more: Any) -> Any:
    signed = sign(shop.options["callback_url"], body) if signature is None else signature
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/in/pretend/{shop.pk}", body, content_type="application/json", headers={"authorization": signed}, **more)


def test_a_signed_push_is_stored_byte_for_byte_and_acknowledged_with_an_empty_body(pretend_shop: Shop) -> None:
    body = json.dumps(said("m1", "¿Dónde está?"), ensure_ascii=False, indent=3).encode()
    answer = push(pretend_shop, body)
    assert (answer.status_code, answer.content) == (200, b"")
    kept = Delivery.objects.get()
    assert (bytes(kept.body), kept.key, kept.thread, kept.state) == (body, "m1", "t1", "new")


def test_a_push_that_repeats_is_acknowledged_and_stored_once(pretend_shop: Shop) -> None:
    body = json.dumps(said("m1")).encode()
    assert [push(pretend_shop, body).status_code for _ in range(3)] == [200, 200, 200]
    assert Delivery.objects.count() == 1


def test_a_push_that_does_not_verify_is_refused_counted_and_not_stored(pretend_shop: Shop) -> None:
    for _ in range(2):
        answer = push(pretend_shop, b"{}", signature="0" * 64)
        assert (answer.status_code, answer.content) == (401, b"")
    assert Rejection.objects.get().count == 2
    assert not Delivery.objects.exists()


def test_the_signature_is_checked_against_the_configured_address_whatever_the_proxy_says(pretend_shop: Shop) -> None:
    body = json.dumps(said("m1")).encode()
    forged = sign(f"http://testserver/in/pretend/{pretend_shop.pk}", body)
    assert push(pretend_shop, body, signature=forged, HTTP_X_FORWARDED_HOST="desk.example").status_code == 401


def test_a_body_above_the_limit_is_refused_before_it_is_verified(pretend_shop: Shop, settings: Any) -> None:
    settings.MAX_PUSH_BYTES = 100
    assert push(pretend_shop, b"x" * 100, signature="wrong").status_code == 401
    assert push(pretend_shop, b"x" * 101).status_code == 413
    assert push(pretend_shop, b"x" * 5, CONTENT_LENGTH="99999999999").status_code == 413


@pytest.mark.parametrize("path", ["/in/pretend/999999", "/in/unknown/1", f"/in/pretend/{2**70}", "/in/manual/1"])
def test_a_push_to_no_shop_of_ours_is_not_found(pretend_shop: Shop, path: str) -> None:
    assert Client().post(path, b"{}", content_type="application/json").status_code == 404


def test_only_posts_are_taken(pretend_shop: Shop) -> None:
    assert Client().get(f"/in/pretend/{pretend_shop.pk}").status_code == 405


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"[]", b"null", b'{"id": null}', b'{"id": "a\\u0000b", "thread": "\\u0000"}'])
def test_odd_bodies_that_verify_are_kept(pretend_shop: Shop, body: bytes) -> None:
    assert push(pretend_shop, body).status_code == 200
    assert bytes(Delivery.objects.get().body) == body


def test_two_endless_ids_with_the_same_beginning_are_two_deliveries(pretend_shop: Shop) -> None:
    for last in "ab":
        push(pretend_shop, json.dumps(said("m" * 400 + last)).encode())
    assert Delivery.objects.count() == 2


def test_a_push_is_kept_though_no_job_could_be_queued(
    pretend_shop: Shop, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any], caplog: Any
) -> None:
    """The sweep finds it (test_due.py): a job asked for before the commit might run before the row is there."""

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr("bridgedesk.sync.actions.enqueue", broken)
    with django_capture_on_commit_callbacks(execute=True) as asked:
        assert push(pretend_shop, json.dumps(said("m1")).encode()).status_code == 200
    assert len(asked) == 1
    assert Delivery.objects.get().state == "new"


def test_many_pushes_of_a_shop_ask_for_one_job(pretend_shop: Shop, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    for number in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            push(pretend_shop, json.dumps(said(f"m{number}")).encode())
    (job,) = ProcrastinateJob.objects.filter(task_name="apply_deliveries")
    assert job.args == {"shop": pretend_shop.pk}
