"""The official YooKassa SDK for Python against the fake."""

import concurrent.futures
import os
import time
import uuid

import pytest
import requests
from yookassa import Configuration, Payment, Receipt, Refund, Settings, Webhook
from yookassa.domain.exceptions import BadRequestError, NotFoundError, UnauthorizedError
from yookassa.domain.notification import WebhookNotificationEventType, WebhookNotificationFactory

from conftest import FAKE, act, control, until
from pages import send

GOOD, SECURE, POOR = "5555555555554444", "5555555555554477", "5555555555554600"


@pytest.fixture(autouse=True)
def account():
    """A shop of its own for each test."""
    shop, secret = str(uuid.uuid4().int % 10**9), f"test_{uuid.uuid4().hex}"
    Configuration.configure(shop, secret, api_url=FAKE + "/v3")
    return shop, secret


def card(number=GOOD):
    return {"type": "bank_card", "card": {"number": number, "expiry_year": "2034", "expiry_month": "12", "csc": "123"}}


def pay(value="100.00", number=GOOD, capture=True, key=None, **more):
    body = {"amount": {"value": value, "currency": "RUB"}, "capture": capture, "payment_method_data": card(number), **more}
    return Payment.create(body, key or str(uuid.uuid4()))


def redirected(value="100.00", **more):
    body = {"amount": {"value": value, "currency": "RUB"}, "confirmation": {"type": "redirect", "return_url": "http://shop.test/back?order=1"}, **more}
    return Payment.create(body, str(uuid.uuid4()))


# -- transport ---------------------------------------------------------------------------------------------------------


def test_the_secret_of_a_shop_is_remembered(account):
    pay()
    Configuration.configure(account[0], "test_another", api_url=FAKE + "/v3")
    with pytest.raises(UnauthorizedError):
        Payment.list()


def test_a_live_key_is_refused():
    Configuration.configure("1", "live_1234", api_url=FAKE + "/v3")
    with pytest.raises(UnauthorizedError):
        Settings.get_account_settings()


def test_the_settings_of_a_test_shop(account):
    me = Settings.get_account_settings()
    assert me["account_id"] == account[0] and me["test"] is True and me["status"] == "enabled"


def test_a_post_needs_a_key(account):
    answer = requests.post(FAKE + "/v3/payments", json={"amount": {"value": "1.00", "currency": "RUB"}}, auth=account)
    assert answer.status_code == 400 and answer.json()["parameter"] == "Idempotence-Key"
    long = requests.post(FAKE + "/v3/payments", json={}, auth=account, headers={"Idempotence-Key": "k" * 65})
    assert long.json()["parameter"] == "Idempotence-Key"


@pytest.mark.parametrize("amount", [{"value": "0.00", "currency": "RUB"}, {"value": "-5", "currency": "RUB"}, {"value": "x", "currency": "RUB"}, {"value": "1.00", "currency": "XXX"}, {"value": "1.001", "currency": "RUB"}])
def test_a_wrong_amount_is_named(account, amount):
    answer = requests.post(FAKE + "/v3/payments", json={"amount": amount, "payment_method_data": card()}, auth=account, headers={"Idempotence-Key": str(uuid.uuid4())})
    assert answer.status_code == 400
    error = answer.json()
    assert error["type"] == "error" and error["code"] == "invalid_request" and error["parameter"].startswith("amount")


def test_an_unknown_payment_is_404():
    with pytest.raises(NotFoundError):
        Payment.find_one("22e12f66-000f-5000-8000-18db351245c7")


# -- payments ----------------------------------------------------------------------------------------------------------


def test_a_card_pays_at_once():
    payment = pay("1990.00", metadata={"order_id": "A-1"}, description="Order A-1")
    assert payment.status == "succeeded" and payment.paid and payment.refundable and payment.test
    assert len(payment.id) == 36 and payment.amount.value == 1990 and payment.amount.currency == "RUB"
    assert 0 < payment.income_amount.value <= 1990 and payment.captured_at
    assert payment.payment_method.card.last4 == "4444" and payment.payment_method.card.card_type == "MasterCard"
    assert payment.metadata["order_id"] == "A-1"


@pytest.mark.parametrize("number, party, reason", [
    (POOR, "payment_network", "insufficient_funds"), ("4141435412630840", "payment_network", "card_expired"),
    ("2201382000000054", "yoo_money", "country_forbidden"), ("4000000000000002", "payment_network", "general_decline"),
])
def test_a_decline_is_a_canceled_payment(number, party, reason):
    payment = pay(number=number)
    assert payment.status == "canceled" and not payment.paid
    assert payment.cancellation_details.party == party and payment.cancellation_details.reason == reason


def test_two_stages():
    payment = pay("500.00", capture=False)
    assert payment.status == "waiting_for_capture" and payment.paid and payment.expires_at
    with pytest.raises(BadRequestError):
        Payment.capture(payment.id, {"amount": {"value": "500.01", "currency": "RUB"}})
    captured = Payment.capture(payment.id, {"amount": {"value": "300.00", "currency": "RUB"}})
    assert captured.status == "succeeded" and captured.amount.value == 300
    with pytest.raises(BadRequestError):
        Payment.capture(payment.id)


def test_a_hold_is_given_back():
    payment = pay(capture=False)
    canceled = Payment.cancel(payment.id)
    assert canceled.status == "canceled" and canceled.cancellation_details.reason == "canceled_by_merchant"
    with pytest.raises(BadRequestError):
        Payment.cancel(payment.id)


def test_a_payer_pays_on_the_page():
    payment = redirected(capture=True)
    assert payment.status == "pending" and payment.confirmation.type == "redirect"
    page = send(payment.confirmation.confirmation_url)
    back = page.press("Pay", cardNumber=GOOD, expiry="12/34", csc="123")
    assert back == "http://shop.test/back?order=1"
    assert Payment.find_one(payment.id).status == "succeeded"


@pytest.mark.parametrize("button, status", [("Confirm", "succeeded"), ("Fail", "canceled")])
def test_3d_secure_on_the_page(button, status):
    payment = redirected(capture=True)
    page = send(payment.confirmation.confirmation_url).press("Pay", cardNumber=SECURE, expiry="12/34", csc="123")
    assert len(page.forms[0].buttons) == 2
    assert page.press(button) == "http://shop.test/back?order=1"
    payment = Payment.find_one(payment.id)
    assert payment.status == status
    if status == "succeeded":
        assert payment.authorization_details.three_d_secure.applied
    else:
        assert payment.cancellation_details.reason == "3d_secure_failed"


def test_a_3d_secure_card_goes_straight_to_the_challenge():
    payment = redirected(payment_method_data=card(SECURE), capture=True)
    assert payment.status == "pending"
    send(payment.confirmation.confirmation_url).press("Confirm")
    assert Payment.find_one(payment.id).status == "succeeded"


def test_a_payer_pays_by_sbp():
    payment = redirected(payment_method_data={"type": "sbp"}, capture=True)
    send(payment.confirmation.confirmation_url).press("Confirm")
    assert Payment.find_one(payment.id).status == "succeeded"


def test_a_saved_card_pays_again():
    first = pay(save_payment_method=True)
    assert first.payment_method.saved
    body = {"amount": {"value": "50.00", "currency": "RUB"}, "capture": True, "payment_method_id": first.payment_method.id}
    assert Payment.create(body, str(uuid.uuid4())).status == "succeeded"
    act("revoke_method", method=first.payment_method.id)
    again = Payment.create(body, str(uuid.uuid4()))
    assert again.status == "canceled" and again.cancellation_details.reason == "permission_revoked"


def test_payments_are_listed_in_pages():
    ids = [pay(f"{i}.00").id for i in range(1, 6)]
    page = Payment.list({"limit": 2})
    assert [p.id for p in page.items] == ids[:2:-1]
    rest = Payment.list({"limit": 10, "cursor": page.next_cursor})
    assert [p.id for p in rest.items] == ids[2::-1] and rest.next_cursor is None
    pay(number=POOR)
    assert len(Payment.list({"status": "canceled"}).items) == 1
    with pytest.raises(BadRequestError):
        Payment.list({"limit": 101})


# -- refunds -----------------------------------------------------------------------------------------------------------


def refund(payment, value):
    return Refund.create({"payment_id": payment.id, "amount": {"value": value, "currency": "RUB"}}, str(uuid.uuid4()))


def test_refunds_in_parts():
    payment = pay("100.00")
    first = refund(payment, "30.00")
    assert first.status == "succeeded" and first.payment_id == payment.id
    with pytest.raises(BadRequestError):
        refund(payment, "70.01")
    refund(payment, "70.00")
    payment = Payment.find_one(payment.id)
    assert payment.status == "succeeded" and payment.refunded_amount.value == 100 and not payment.refundable
    assert Refund.find_one(first.id).amount.value == 30
    assert len(Refund.list({"payment_id": payment.id}).items) == 2


def test_an_open_payment_cannot_be_refunded():
    with pytest.raises(BadRequestError):
        refund(redirected(), "1.00")


def test_eight_refunds_at_once_never_exceed_the_payment(account):
    payment = pay("40.00")

    def one(_):
        body = {"payment_id": payment.id, "amount": {"value": "10.00", "currency": "RUB"}}
        return requests.post(FAKE + "/v3/refunds", json=body, auth=account, headers={"Idempotence-Key": str(uuid.uuid4())}).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(one, range(8)))
    assert statuses == [200] * 4 + [400] * 4
    assert Payment.find_one(payment.id).refunded_amount.value == 40


# -- idempotence -------------------------------------------------------------------------------------------------------


def test_one_key_one_payment():
    key = str(uuid.uuid4())
    assert pay(key=key).id == pay(key=key).id
    with pytest.raises(BadRequestError):
        pay("101.00", key=key)


def test_twelve_requests_with_one_key_make_one_payment(account):
    key = str(uuid.uuid4())
    body = {"amount": {"value": "5.00", "currency": "RUB"}, "capture": True, "payment_method_data": card()}

    def one(_):
        return requests.post(FAKE + "/v3/payments", json=body, auth=account, headers={"Idempotence-Key": key}).json()["id"]

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(one, range(12)))) == 1
    assert len(Payment.list().items) == 1


# -- receipts ----------------------------------------------------------------------------------------------------------


def test_an_inline_receipt_is_registered():
    receipt = {"customer": {"email": "a@shop.test"}, "items": [{"description": "Mug", "quantity": "2.0", "vat_code": 1, "amount": {"value": "50.00", "currency": "RUB"}}]}
    payment = pay("100.00", receipt=receipt)
    assert payment.receipt_registration == "pending"
    until(lambda: Payment.find_one(payment.id).receipt_registration == "succeeded")
    found = Receipt.list({"payment_id": payment.id}).items[0]
    assert found.status == "succeeded" and found.fiscal_document_number and found.id.startswith("rt-")
    with pytest.raises(BadRequestError):
        pay("100.01", receipt=receipt)


def test_a_receipt_on_its_own():
    payment = pay("10.00")
    receipt = Receipt.create({
        "type": "payment", "payment_id": payment.id, "send": True, "customer": {"email": "a@shop.test"},
        "items": [{"description": "Tea", "quantity": 1, "vat_code": 2, "amount": {"value": "10.00", "currency": "RUB"}}],
        "settlements": [{"type": "prepayment", "amount": {"value": "10.00", "currency": "RUB"}}],
    }, str(uuid.uuid4()))
    assert receipt.status == "pending"
    until(lambda: Receipt.find_one(receipt.id).status == "succeeded")


# -- notifications -----------------------------------------------------------------------------------------------------


def test_a_partners_webhooks(shop):
    Configuration.configure_auth_token(f"token-{uuid.uuid4()}", api_url=FAKE + "/v3")
    hook = Webhook.add({"event": WebhookNotificationEventType.PAYMENT_SUCCEEDED, "url": shop.url + "/hook"}, str(uuid.uuid4()))
    assert [h.id for h in Webhook.list().items] == [hook.id]
    payment = pay("7.00")
    webhook = shop.wait(lambda w: w.json()["object"]["id"] == payment.id)
    told = WebhookNotificationFactory().create(webhook.json())
    assert told.event == "payment.succeeded" and told.object.id == payment.id and told.object.amount.value == 7
    Webhook.remove(hook.id)
    assert Webhook.list().items == []


def test_notifications_of_a_shop_come_again_byte_by_byte(account, shop):
    control("POST", "/endpoints", {"url": shop.url, "account": account[0], "events": ["payment.succeeded", "refund.succeeded"]})
    shop.answers = [(500, b"")]
    payment = pay()
    until(lambda: len(shop.received) >= 2)
    assert shop.received[0].body == shop.received[1].body
    refund(payment, "1.00")
    shop.wait(lambda w: w.json()["event"] == "refund.succeeded")


def test_a_forged_notification_is_contradicted_by_asking_back(account, shop):
    control("POST", "/endpoints", {"url": shop.url, "account": account[0]})
    control("POST", "/faults", {"kind": "webhook_forged", "on": {"operation": "payment.succeeded"}})
    payment = pay()
    until(lambda: len(shop.received) >= 2)
    ids = [w.json()["object"]["id"] for w in shop.received]
    assert ids[1] == payment.id
    with pytest.raises(NotFoundError):
        Payment.find_one(ids[0])


def test_a_lost_answer_leaves_the_payment_in_the_ledger(account):
    control("POST", "/faults", {"kind": "response_lost", "on": {"operation": "POST /v3/payments", "entity": "L-9"}})
    body = {"amount": {"value": "5.00", "currency": "RUB"}, "capture": True, "payment_method_data": card(), "metadata": {"order_id": "L-9"}}
    key = {"Idempotence-Key": str(uuid.uuid4())}
    with pytest.raises(requests.ConnectionError):
        requests.post(FAKE + "/v3/payments", json=body, auth=account, headers=key)
    again = requests.post(FAKE + "/v3/payments", json=body, auth=account, headers=key).json()
    entries = control("GET", "/ledger?order=L-9")["entries"]
    assert [entry["movement"] for entry in entries] == ["captured"] and entries[0]["object"] == again["id"]
