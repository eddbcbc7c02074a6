"""The official Stripe SDK for Python against the fake."""

import concurrent.futures
import os
import time
import uuid

import pytest
import stripe

from conftest import FAKE, act, until
from pages import send

KEY = os.environ["STRIPE_SECRET_KEY"]


def client(key=None, **options):
    return stripe.StripeClient(key or f"sk_test_{uuid.uuid4().hex}", base_addresses={"api": FAKE}, **options)


@pytest.fixture
def api():
    """An account of its own for each test."""
    return client().v1


def paid(api, amount=1999, method="pm_card_visa", **more):
    return api.payment_intents.create(
        {"amount": amount, "currency": "usd", "payment_method": method, "confirm": True, "payment_method_types": ["card"], **more}
    )


# -- transport ---------------------------------------------------------------------------------------------------------


def test_a_live_key_is_refused():
    with pytest.raises(stripe.AuthenticationError):
        client("sk_live_1234").v1.customers.list()


def test_a_key_opens_an_account_of_its_own():
    one, two = client().v1, client().v1
    one.customers.create({"email": "a@shop.test"})
    assert len(one.customers.list().data) == 1
    assert two.customers.list().data == []


def test_an_unknown_parameter_is_named(api):
    with pytest.raises(stripe.InvalidRequestError) as error:
        api.customers.create({"emial": "a@shop.test"})
    assert error.value.code == "parameter_unknown" and error.value.param == "emial"


def test_a_missing_parameter_is_named(api):
    with pytest.raises(stripe.InvalidRequestError) as error:
        api.payment_intents.create({"currency": "usd"})
    assert error.value.code == "parameter_missing" and error.value.param == "amount"


@pytest.mark.parametrize("amount, code", [("x", "parameter_invalid_integer"), (1, "amount_too_small"), (999999999, "amount_too_large")])
def test_a_wrong_amount_is_refused(api, amount, code):
    with pytest.raises(stripe.InvalidRequestError) as error:
        api.payment_intents.create({"amount": amount, "currency": "usd"})
    assert error.value.code == code and error.value.param == "amount"


def test_an_unknown_id_is_404(api):
    with pytest.raises(stripe.InvalidRequestError) as error:
        api.customers.retrieve("cus_nobody")
    assert error.value.http_status == 404 and error.value.code == "resource_missing"


def test_the_answer_tells_request_and_version(api):
    customer = api.customers.create({})
    assert customer.last_response.headers["request-id"].startswith("req_")
    assert customer.last_response.headers["stripe-version"]


# -- customers and payment methods -------------------------------------------------------------------------------------


def test_a_customer_lives_and_dies(api):
    customer = api.customers.create({"email": "a@shop.test", "metadata": {"tier": "gold", "gone": "1"}})
    assert customer.object == "customer" and customer.livemode is False
    changed = api.customers.update(customer.id, {"name": "Anna", "metadata": {"gone": ""}})
    assert changed.name == "Anna" and changed.metadata.to_dict() == {"tier": "gold"}
    assert api.customers.delete(customer.id).deleted is True
    assert api.customers.retrieve(customer.id).deleted is True


def test_customers_are_listed_newest_first_in_pages(api):
    ids = [api.customers.create({"name": f"c{i}"}).id for i in range(5)]
    page = api.customers.list({"limit": 2})
    assert [c.id for c in page.data] == ids[:2:-1] and page.has_more
    assert [c.id for c in page.auto_paging_iter()] == ids[::-1]
    before = api.customers.list({"limit": 2, "ending_before": ids[1]})
    assert [c.id for c in before.data] == [ids[3], ids[2]]
    with pytest.raises(stripe.InvalidRequestError):
        api.customers.list({"limit": 101})


def test_a_card_is_attached_and_detached(api):
    customer = api.customers.create({})
    method = api.payment_methods.create({"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}})
    assert method.card.brand == "visa" and method.card.last4 == "4242" and method.customer is None
    assert api.payment_methods.attach(method.id, {"customer": customer.id}).customer == customer.id
    assert [m.id for m in api.payment_methods.list({"customer": customer.id, "type": "card"}).data] == [method.id]
    assert api.payment_methods.detach(method.id).customer is None


@pytest.mark.parametrize(
    "card, code",
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2019}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
def test_bad_card_data_is_a_card_error(api, card, code):
    good = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    with pytest.raises(stripe.CardError) as error:
        api.payment_methods.create({"type": "card", "card": {**good, **card}})
    assert error.value.code == code


# -- payment intents ---------------------------------------------------------------------------------------------------


def test_a_payment_succeeds(api):
    intent = paid(api, metadata={"order_id": "A-1"}, expand=["latest_charge.balance_transaction"])
    assert intent.status == "succeeded" and intent.amount_received == 1999
    charge = intent.latest_charge
    assert charge.paid and charge.captured and charge.payment_intent == intent.id
    assert charge.balance_transaction.net == 1999 - charge.balance_transaction.fee
    assert charge.metadata.to_dict() == {"order_id": "A-1"}


def test_the_steps_of_a_payment(api):
    intent = api.payment_intents.create({"amount": 500, "currency": "eur", "payment_method_types": ["card"]})
    assert intent.status == "requires_payment_method" and intent.client_secret.startswith(intent.id + "_secret_")
    intent = api.payment_intents.update(intent.id, {"payment_method": "pm_card_mastercard"})
    assert intent.status == "requires_confirmation"
    assert api.payment_intents.confirm(intent.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as error:
        api.payment_intents.confirm(intent.id)
    assert error.value.code == "payment_intent_unexpected_state"
    assert error.value.error.payment_intent.id == intent.id


@pytest.mark.parametrize(
    "method, code, decline",
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_a_decline_is_a_card_error(api, method, code, decline):
    with pytest.raises(stripe.CardError) as error:
        paid(api, method=method)
    assert error.value.http_status == 402 and error.value.code == code
    if decline:
        assert error.value.error.decline_code == decline
    intent = api.payment_intents.retrieve(error.value.error.payment_intent.id)
    assert intent.status == "requires_payment_method" and intent.last_payment_error.code == code


def test_a_good_card_after_a_decline_leaves_two_charges(api):
    with pytest.raises(stripe.CardError) as error:
        paid(api, method="pm_card_visa_chargeDeclined")
    intent = api.payment_intents.confirm(error.value.error.payment_intent.id, {"payment_method": "pm_card_mastercard"})
    assert intent.status == "succeeded" and intent.last_payment_error is None
    charges = api.charges.list({"payment_intent": intent.id}).data
    assert [c.status for c in charges] == ["succeeded", "failed"]


def test_a_manual_capture(api):
    intent = paid(api, amount=2000, capture_method="manual")
    assert intent.status == "requires_capture" and intent.amount_capturable == 2000
    with pytest.raises(stripe.InvalidRequestError):
        api.payment_intents.capture(intent.id, {"amount_to_capture": 2001})
    intent = api.payment_intents.capture(intent.id, {"amount_to_capture": 1500})
    assert intent.status == "succeeded" and intent.amount_received == 1500 and intent.amount_capturable == 0


def test_a_canceled_payment(api):
    intent = paid(api, capture_method="manual")
    intent = api.payment_intents.cancel(intent.id, {"cancellation_reason": "requested_by_customer"})
    assert intent.status == "canceled" and intent.cancellation_reason == "requested_by_customer"
    with pytest.raises(stripe.InvalidRequestError):
        api.payment_intents.capture(intent.id)


def test_3d_secure_by_the_payers_page(api):
    intent = paid(api, method="pm_card_threeDSecure2Required", return_url="http://shop.test/back?order=1")
    assert intent.status == "requires_action" and intent.next_action.type == "redirect_to_url"
    page = send(intent.next_action.redirect_to_url.url)
    back = page.press("Complete", "Confirm", "Approve", "Authorize")
    assert back.startswith("http://shop.test/back?order=1&") and f"payment_intent={intent.id}" in back and "redirect_status=succeeded" in back
    assert api.payment_intents.retrieve(intent.id).status == "succeeded"


def test_3d_secure_refused(api):
    intent = paid(api, method="pm_card_threeDSecure2Required", return_url="http://shop.test/back")
    back = send(intent.next_action.redirect_to_url.url).press("Fail", "Cancel", "Decline")
    assert "redirect_status=failed" in back
    intent = api.payment_intents.retrieve(intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"


def test_off_session_wants_no_authentication(api):
    with pytest.raises(stripe.CardError) as error:
        paid(api, method="pm_card_authenticationRequired", off_session=True)
    assert error.value.code == "authentication_required"


def test_a_setup_intent_attaches_its_card(api):
    customer = api.customers.create({})
    setup = api.setup_intents.create({"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True, "payment_method_types": ["card"]})
    assert setup.status == "succeeded"
    assert len(api.payment_methods.list({"customer": customer.id, "type": "card"}).data) == 1


def test_payments_are_searched(api):
    paid(api, metadata={"order_id": "A-1"})
    wanted = paid(api, amount=2500, metadata={"order_id": "A-2"})
    found = api.payment_intents.search({"query": "metadata['order_id']:'A-2' AND amount>2000"})
    assert [i.id for i in found.data] == [wanted.id]


# -- refunds -----------------------------------------------------------------------------------------------------------


def test_refunds_in_parts(api):
    intent = paid(api, amount=1999)
    refund = api.refunds.create({"payment_intent": intent.id, "amount": 500, "metadata": {"why": "late"}})
    assert refund.status == "succeeded" and refund.amount == 500 and refund.charge == intent.latest_charge
    with pytest.raises(stripe.InvalidRequestError) as error:
        api.refunds.create({"payment_intent": intent.id, "amount": 1500})
    assert error.value.param == "amount"
    assert api.refunds.create({"payment_intent": intent.id}).amount == 1499
    with pytest.raises(stripe.InvalidRequestError) as error:
        api.refunds.create({"payment_intent": intent.id})
    assert error.value.code == "charge_already_refunded"
    charge = api.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert charge.refunded and charge.amount_refunded == 1999 and len(charge.refunds.data) == 2


def test_eight_refunds_at_once_never_exceed_the_payment():
    account = client(max_network_retries=0).v1
    intent = paid(account, amount=4000)

    def refund(_):
        try:
            return account.refunds.create({"payment_intent": intent.id, "amount": 1000}).amount
        except stripe.InvalidRequestError:
            return 0

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        amounts = list(pool.map(refund, range(8)))
    assert sum(amounts) == 4000
    assert account.charges.retrieve(intent.latest_charge).amount_refunded == 4000


def test_a_refund_that_fails_later(api):
    intent = paid(api, method="pm_card_refundFail")
    refund = api.refunds.create({"payment_intent": intent.id})
    failed = until(lambda: (r := api.refunds.retrieve(refund.id)).status == "failed" and r, limit=20)
    assert failed.failure_reason
    assert api.charges.retrieve(intent.latest_charge).amount_refunded == 0


# -- idempotency -------------------------------------------------------------------------------------------------------


def test_the_same_key_gives_the_same_answer(api):
    options = {"idempotency_key": uuid.uuid4().hex}
    body = {"amount": 700, "currency": "usd", "payment_method_types": ["card"]}
    one = api.payment_intents.create(body, options)
    two = api.payment_intents.create(body, options)
    assert one.id == two.id and two.last_response.headers["idempotent-replayed"] == "true"
    assert one.last_response.body == two.last_response.body
    with pytest.raises(stripe.IdempotencyError):
        api.payment_intents.create({**body, "amount": 701}, options)


def test_twelve_requests_with_one_key_make_one_payment():
    account = client(max_network_retries=5).v1
    options = {"idempotency_key": uuid.uuid4().hex}

    def create(_):
        return paid_with(account, options).id

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        ids = set(pool.map(create, range(12)))
    assert len(ids) == 1 and len(account.payment_intents.list().data) == 1


def paid_with(account, options):
    body = {"amount": 800, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, "payment_method_types": ["card"]}
    return account.payment_intents.create(body, options)


def test_a_decline_is_replayed(api):
    options = {"idempotency_key": uuid.uuid4().hex}
    seen = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as error:
            api.payment_intents.create({"amount": 800, "currency": "usd", "payment_method": "pm_card_visa_chargeDeclined", "confirm": True, "payment_method_types": ["card"]}, options)
        seen.add(error.value.error.payment_intent.id)
    assert len(seen) == 1


# -- checkout, products, prices ----------------------------------------------------------------------------------------


def test_a_checkout_session_is_paid_on_its_page(api):
    product = api.products.create({"name": "Mug"})
    price = api.prices.create({"product": product.id, "currency": "usd", "unit_amount": 990})
    session = api.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price": price.id, "quantity": 2}],
            "success_url": "http://shop.test/ok?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.test/no",
            "client_reference_id": "A-7",
        }
    )
    assert session.status == "open" and session.payment_status == "unpaid" and session.amount_total == 1980 and session.payment_intent is None
    assert api.checkout.sessions.line_items.list(session.id).data[0].quantity == 2
    page = send(session.url)
    form = next(form for form in page.forms if any("pay" in text.lower() for text, _ in form.buttons))
    filled = fill(form, number="4242424242424242")
    back = page.press("Pay", **filled)
    assert back == f"http://shop.test/ok?session={session.id}"
    session = api.checkout.sessions.retrieve(session.id)
    assert session.status == "complete" and session.payment_status == "paid" and session.url is None
    assert api.payment_intents.retrieve(session.payment_intent).amount == 1980


def fill(form, number):
    values = {}
    for name in form.fields:
        plain = name.lower().replace("-", "").replace("_", "")
        if "number" in plain or plain in ("pan",):
            values[name] = number
        elif plain in ("exp", "expiry", "cardexpiry", "ccexp"):
            values[name] = "12/34"
        elif "month" in plain:
            values[name] = "12"
        elif "year" in plain:
            values[name] = "2034"
        elif plain in ("cvc", "cvv", "csc", "cccsc", "cardcvc"):
            values[name] = "123"
        elif "email" in plain:
            values[name] = "buyer@shop.test"
        elif "name" in plain:
            values[name] = "Anna Buyer"
    return values


def test_a_session_expires(api):
    session = api.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Tea"}}}], "success_url": "http://shop.test/ok"}
    )
    assert api.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        api.checkout.sessions.expire(session.id)


def test_a_product_with_prices_stays(api):
    product = api.products.create({"name": "Mug"})
    api.prices.create({"product": product.id, "currency": "usd", "unit_amount": 990})
    with pytest.raises(stripe.InvalidRequestError):
        api.products.delete(product.id)
    other = api.products.create({"name": "Tea"})
    assert api.products.delete(other.id).deleted is True


# -- balance, disputes, events, webhooks -------------------------------------------------------------------------------


def test_the_balance_follows_the_payments(api):
    intent = paid(api, amount=1000, method="pm_card_bypassPending")
    transaction = api.balance_transactions.list({"type": "charge"}).data[0]
    assert transaction.source == intent.latest_charge and transaction.net == 1000 - transaction.fee
    assert api.balance.retrieve().available[0].amount == transaction.net


def test_a_dispute_is_lost_and_won(api):
    for evidence, status in [("winning_evidence", "won"), ("losing_evidence", "lost")]:
        intent = paid(api, method="pm_card_createDispute")
        dispute = until(lambda: api.disputes.list({"payment_intent": intent.id}).data, limit=20)[0]
        assert dispute.status == "needs_response" and dispute.reason == "fraudulent"
        with pytest.raises(stripe.InvalidRequestError) as error:
            api.refunds.create({"payment_intent": intent.id})
        assert error.value.code == "charge_disputed"
        api.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}, "submit": True})
        until(lambda: api.disputes.retrieve(dispute.id).status == status, limit=20)


def test_events_tell_what_happened(api):
    intent = paid(api)
    api.refunds.create({"payment_intent": intent.id, "amount": 100})
    types = [event.type for event in reversed(api.events.list({"limit": 100}).data)]
    assert [t for t in types if t.split(".")[0] in ("payment_intent", "charge", "refund")] == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated", "refund.created", "charge.refunded",
    ]
    created = api.events.list({"type": "payment_intent.created"}).data[0]
    assert created.data.object.status != "succeeded"


def test_webhooks_are_signed_for_the_sdks_own_verifier(api, shop):
    endpoint = api.webhook_endpoints.create({"url": shop.url + "/hook", "enabled_events": ["payment_intent.succeeded"]})
    assert endpoint.secret.startswith("whsec_") and "secret" not in api.webhook_endpoints.retrieve(endpoint.id).to_dict()
    intent = paid(api)
    webhook = shop.wait(lambda w: w.path == "/hook")
    event = stripe.Webhook.construct_event(webhook.body, webhook.headers["Stripe-Signature"], endpoint.secret)
    assert event.type == "payment_intent.succeeded" and event.data.object.id == intent.id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(webhook.body, webhook.headers["Stripe-Signature"], "whsec_other")
    assert len(shop.received) == 1


def test_a_webhook_that_was_not_taken_comes_again(api, shop):
    shop.answers = [(500, b"{}")]
    endpoint = api.webhook_endpoints.create({"url": shop.url, "enabled_events": ["payment_intent.succeeded"]})
    paid(api)
    until(lambda: len(shop.received) >= 2, limit=10)
    first, second = shop.received[:2]
    assert first.json()["id"] == second.json()["id"]
    stripe.Webhook.construct_event(second.body, second.headers["Stripe-Signature"], endpoint.secret)


def test_a_removed_endpoint_hears_nothing(api, shop):
    endpoint = api.webhook_endpoints.create({"url": shop.url, "enabled_events": ["*"]})
    assert api.webhook_endpoints.delete(endpoint.id).deleted is True
    paid(api)
    time.sleep(0.3)
    assert shop.received == []


# -- legacy and actions ------------------------------------------------------------------------------------------------


def test_a_legacy_charge(api):
    charge = api.charges.create({"amount": 900, "currency": "usd", "source": "tok_visa"})
    assert charge.paid and charge.status == "succeeded"
    with pytest.raises(stripe.CardError):
        api.charges.create({"amount": 900, "currency": "usd", "source": "tok_chargeDeclined"})


def test_a_payer_pays_by_command():
    api = client(KEY).v1
    intent = api.payment_intents.create({"amount": 1200, "currency": "usd", "payment_method_types": ["card"]})
    act("confirm", intent=intent.id, card="4242424242424242")
    assert api.payment_intents.retrieve(intent.id).status == "succeeded"
