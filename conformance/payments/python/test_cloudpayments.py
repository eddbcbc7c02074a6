"""The SDK `cloudpayments` for Python against the fake."""

import base64
import concurrent.futures
import hashlib
import hmac
import json
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import parse_qs, unquote_plus

import pytest
import requests
from cloudpayments import CloudPayments, CloudPaymentsError, PaymentError

from conftest import FAKE, act, control
from pages import Page, send

CloudPayments.URL = f"{FAKE.rstrip('/')}/"


def cryptogram(number, year="34", month="12"):
    """The old form: the open part, and something in place of the encrypted one."""
    return f"01{number[:6]}{number[-4:]}{year}{month}04" + base64.b64encode(b"encrypted").decode()


PLAIN, CHALLENGED, POOR, POOR_CHALLENGED, ONCE = (
    cryptogram(number)
    for number in ("4000000000003055", "4242424242424242", "4000056655665556", "4012888888881881", "4111111111111111")
)


@pytest.fixture
def api():
    """A terminal of its own for each test."""
    return CloudPayments(f"pk_{uuid.uuid4().hex}", uuid.uuid4().hex)


def call(api, path, body=None, **headers):
    """What the SDK has no method for."""
    answer = requests.post(f"{api.URL}{path}", json=body, auth=(api.public_id, api.api_secret), headers=headers, timeout=10)
    assert answer.status_code == 200
    return answer.json()


def charge(api, card=PLAIN, amount=100, **more):
    return api.charge_card(card, amount, "RUB", "ANNA", "127.0.0.1", **more)


# -- transport ---------------------------------------------------------------------------------------------------------


def test_test_gives_another_word_each_time(api):
    assert api.test() and api.test() != api.test()


def test_another_secret_is_refused_with_401(api):
    charge(api)
    answer = requests.post(f"{api.URL}payments/get", json={}, auth=(api.public_id, "wrong"), timeout=10)
    assert answer.status_code == 401 and answer.content == b""
    assert requests.post(f"{api.URL}payments/get", json={}, timeout=10).status_code == 401


def test_forms_and_keys_in_any_case_are_read(api):
    form = {"aMoUnT": "10.50", "ipaddress": "1.2.3.4", "CARDCRYPTOGRAMPACKET": PLAIN, "invoiceID": "7"}
    answer = requests.post(f"{api.URL}payments/cards/charge", data=form, auth=(api.public_id, api.api_secret), timeout=10).json()
    assert answer["Success"] and answer["Model"]["Amount"] == 10.5 and answer["Model"]["InvoiceId"] == "7"


@pytest.mark.parametrize("amount, message", [(None, "Amount is required"), (0, "Invalid Amount value"), ("1.005", "Invalid Amount value"), (-1, "Invalid Amount value")])
def test_a_wrong_amount_is_named(api, amount, message):
    with pytest.raises(CloudPaymentsError) as error:
        charge(api, amount=amount)
    assert not isinstance(error.value, PaymentError) and error.value.response["Message"] == message


def test_the_public_key_is_an_rsa_key():
    key = requests.get(f"{CloudPayments.URL}payments/publickey", timeout=10).json()
    der = base64.b64decode("".join(key["Pem"].splitlines()[1:-1]))
    assert key["Pem"].startswith("-----BEGIN PUBLIC KEY-----") and len(der) == 294 and isinstance(key["Version"], int)


# -- charges -----------------------------------------------------------------------------------------------------------


def test_a_charge_is_completed(api):
    paid = charge(api, amount=65.98, invoice_id="A-1", description="Order A-1", account_id="anna", email="a@shop.test", data={"order_id": "A-1"})
    assert (paid.status, paid.status_code, paid.reason_code, paid.reason) == ("Completed", 3, 0, "Approved")
    assert paid.amount == Decimal("65.98") and paid.currency == "RUB" and paid.currency_code == 0
    assert (paid.card_first_six, paid.card_last_four, paid.card_exp_date, paid.card_type) == ("400000", "3055", "12/34", "Visa")
    assert paid.token.startswith("tk_") and len(paid.token) == 32 and paid.auth_code == "A1B2C3" and paid.test_mode is True
    assert json.loads(paid.data) == {"order_id": "A-1"} and paid.confirm_date == paid.auth_date
    assert paid.created_date.tzinfo and api.get_transaction(paid.id).id == paid.id


def test_a_poor_card_is_a_payment_error(api):
    with pytest.raises(PaymentError) as error:
        charge(api, POOR, invoice_id="A-2")
    assert error.value.reason_code == 5051 and error.value.reason == "InsufficientFunds" and error.value.verbose_reason
    declined = api.get_transaction(error.value.transaction_id)
    assert declined.status == "Declined" and declined.status_code == 5


def test_unknown_and_expired_cards_are_refused(api):
    for card, code in [(cryptogram("4999999999999999"), 5014), (cryptogram("4000000000003055", "20"), 5054)]:
        with pytest.raises(PaymentError) as error:
            charge(api, card)
        assert error.value.reason_code == code
    with pytest.raises(CloudPaymentsError) as error:
        charge(api, "garbage")
    assert "CardCryptogramPacket" in error.value.response["Message"]


def test_the_new_cryptogram_shows_the_same_card(api):
    info = {"FirstSixDigits": "400000", "LastFourDigits": "3055", "ExpDateYear": "34", "ExpDateMonth": "12"}
    packet = base64.b64encode(json.dumps({"Type": "CloudCard", "CardInfo": info, "Format": 1, "Value": "x"}).encode()).decode()
    assert charge(api, packet).card_last_four == "3055"


def test_a_token_pays_again_but_not_with_a_card_that_is_empty_then(api):
    token = charge(api, account_id="anna").token
    again = api.charge_token(token, "anna", 20, "RUB", invoice_id="T-1")
    assert again.status == "Completed" and again.token == token and again.account_id == "anna"
    held = api.charge_token(token, "anna", 20, "RUB", require_confirmation=True)
    assert held.status == "Authorized" and held.confirm_date is None
    once = charge(api, ONCE, account_id="boris").token
    with pytest.raises(PaymentError) as error:
        api.charge_token(once, "boris", 20, "RUB")
    assert error.value.reason_code == 5051
    with pytest.raises(CloudPaymentsError) as error:
        api.charge_token("tk_nobody", "anna", 20, "RUB")
    assert not isinstance(error.value, PaymentError)
    tokens = call(api, "payments/tokens/list", {"PageNumber": 1})["Model"]
    assert {"Token": token, "AccountId": "anna", "CardMask": "4000 00****** 3055", "ExpirationDateMonth": 12, "ExpirationDateYear": 2034} in tokens


# -- 3-D Secure --------------------------------------------------------------------------------------------------------


def at_bank(asked, *words):
    form = asked.redirect_params("http://shop.test/3ds")
    page = send(asked.acs_url, "POST", form).press(*words)
    assert isinstance(page, Page) and page.forms[0].action == "http://shop.test/3ds"
    return page.forms[0].fields


def test_a_payer_who_passes_pays(api):
    asked = charge(api, CHALLENGED, invoice_id="S-1")
    assert asked.secure3d_required and api.get_transaction(asked.transaction_id).status == "AwaitingAuthentication"
    fields = at_bank(asked, "Confirm")
    assert fields["MD"] == str(asked.transaction_id)
    paid = api.finish_3d_secure_authentication(asked.transaction_id, fields["PaRes"])
    assert paid.status == "Completed" and paid.id == asked.transaction_id
    with pytest.raises(Exception):
        api.finish_3d_secure_authentication(asked.transaction_id, fields["PaRes"])


@pytest.mark.parametrize("card, words, code", [(CHALLENGED, "Cancel", 5206), (POOR_CHALLENGED, "Confirm", 5051)])
def test_a_challenge_can_fail(api, card, words, code):
    asked = charge(api, card)
    with pytest.raises(PaymentError) as error:
        api.finish_3d_secure_authentication(asked.transaction_id, at_bank(asked, words)["PaRes"])
    assert error.value.reason_code == code


def test_the_word_of_another_payment_is_no_word(api):
    one, two = charge(api, CHALLENGED), charge(api, CHALLENGED)
    said = at_bank(one, "Confirm")["PaRes"]
    with pytest.raises(PaymentError) as error:
        api.finish_3d_secure_authentication(two.transaction_id, said)
    assert error.value.reason_code == 5206


# -- afterwards --------------------------------------------------------------------------------------------------------


def test_what_is_held_is_taken_in_part_or_given_back(api):
    held = charge(api, require_confirmation=True)
    assert held.status == "Authorized" and held.status_code == 2
    with pytest.raises(CloudPaymentsError):
        api.refund(held.id, 1)
    with pytest.raises(CloudPaymentsError):
        api.confirm_payment(held.id, 101)
    api.confirm_payment(held.id, 40)
    assert api.get_transaction(held.id).status == "Completed" and api.get_transaction(held.id).amount == 40
    for again in (lambda: api.confirm_payment(held.id, 40), lambda: api.void_payment(held.id)):
        with pytest.raises(CloudPaymentsError):
            again()
    other = charge(api, require_confirmation=True)
    api.void_payment(other.id)
    assert api.get_transaction(other.id).status == "Cancelled"


def test_refunds_are_transactions_of_their_own(api):
    paid = charge(api, amount=100, invoice_id="R-1", data={"order_id": "R-1"})
    made = call(api, "payments/refund", {"TransactionId": paid.id, "Amount": 30, "JsonData": {"refund_id": "r1"}})
    refund = call(api, "payments/get", {"TransactionId": made["Model"]["TransactionId"]})["Model"]
    assert refund["Type"] == 1 and refund["OriginalTransactionId"] == paid.id and refund["Amount"] == 30
    assert json.loads(refund["JsonData"]) == {"refund_id": "r1"} and refund["TransactionId"] > paid.id
    assert call(api, "payments/get", {"TransactionId": paid.id})["Model"]["Refunded"] is False
    api.refund(paid.id, 70)
    assert call(api, "payments/get", {"TransactionId": paid.id})["Model"]["Refunded"] is True
    with pytest.raises(CloudPaymentsError):
        api.refund(paid.id, 0.01)
    assert api.find_payment("R-1").id == paid.id
    assert call(api, "v2/payments/find", {"InvoiceId": "R-1"})["Model"]["Type"] == 1


def test_eight_parallel_refunds_never_exceed_the_payment(api):
    paid = charge(api, amount=4000)

    def refund(_):
        try:
            return api.refund(paid.id, 1000)
        except CloudPaymentsError:
            return None

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = [number for number in pool.map(refund, range(8)) if number]
    assert len(made) == len(set(made)) == 4
    assert call(api, "payments/get", {"TransactionId": paid.id})["Model"]["Refunded"] is True


def test_twelve_parallel_requests_with_one_id_are_one(api):
    paid = charge(api, amount=100)
    key = uuid.uuid4().hex
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        made = set(pool.map(lambda _: api.refund(paid.id, 10, request_id=key), range(12)))
    assert len(made) == 1
    assert len([it for it in api.list_payments(datetime.now(timezone.utc))]) == 2


# -- looking up --------------------------------------------------------------------------------------------------------


def test_unknown_things_are_errors(api):
    for look in (lambda: api.get_transaction(1), lambda: api.find_payment("nobody"), lambda: api.get_subscription("sc_x"), lambda: api.void_payment(1)):
        with pytest.raises(CloudPaymentsError):
            look()
    assert call(api, "payments/find", {"InvoiceId": "nobody"})["Message"] == "Not found"


def test_lists_have_all_operations_of_a_day(api):
    paid = charge(api)
    number = api.refund(paid.id, 10)
    today = datetime.now(timezone(timedelta(hours=3)))
    assert [it.id for it in api.list_payments(today, "MSK")] == [paid.id, number]
    assert list(api.list_payments(today - timedelta(days=3))) == []
    day = date.today()
    span = {"CreatedDateGte": str(day - timedelta(days=1)), "CreatedDateLte": str(day + timedelta(days=1)), "PageNumber": 1}
    assert len(call(api, "v2/payments/list", span)["Model"]) == 2
    assert call(api, "v2/payments/list", {**span, "Statuses": ["Declined"]})["Model"] == []


def test_a_chargeback_is_listed_and_ends_refunds(api):
    paid = charge(api)
    act("chargeback", transaction=paid.id, account=api.public_id)
    day = date.today()
    span = {"CreatedDateGte": str(day - timedelta(days=1)), "CreatedDateLte": str(day + timedelta(days=1)), "PageNumber": 1}
    listed = call(api, "chargebacks/list", span)["Model"]
    assert [it["TransactionId"] for it in listed] == [paid.id] and listed[0]["Type"] == "Chargeback"
    with pytest.raises(CloudPaymentsError):
        api.refund(paid.id, 1)


# -- payouts, subscriptions, orders ------------------------------------------------------------------------------------


def test_money_goes_to_a_kept_card(api):
    token = charge(api, account_id="anna").token
    paid = api.topup(token, 50, "anna", "RUB", invoice_id="P-1")
    assert paid.status == "Completed"
    assert call(api, "payments/get", {"TransactionId": paid.id})["Model"]["Type"] == 2


def test_a_subscription_lives_and_ends(api):
    token = charge(api, account_id="anna").token
    start = datetime.now(timezone.utc) + timedelta(days=1)
    made = api.create_subscription(token, "anna", 10, "RUB", "Paper", "a@shop.test", start, "Month", 1, require_confirmation=False, max_periods=2)
    assert made.id.startswith("sc_") and made.status == "Active" and made.status_code == 0 and made.interval == "Month"
    assert made.next_transaction_date == start.replace(microsecond=0) and made.max_periods == 2
    act("run_subscription", id=made.id, account=api.public_id)
    assert api.get_subscription(made.id).successful_transactions_number == 1
    api.cancel_subscription(made.id)
    assert api.get_subscription(made.id).status == "Cancelled"
    assert api.update_subscription(made.id, amount=15).status == "Active"
    assert [(it.id, it.amount) for it in api.list_subscriptions("anna")] == [(made.id, 15)]
    act("run_subscription", id=made.id, account=api.public_id)
    assert api.get_subscription(made.id).status == "Expired"


def test_an_order_is_paid_on_its_page(api):
    order = api.create_order(65.5, "RUB", "Order O-1", invoice_id="O-1", email="a@shop.test")
    assert order.id in order.url and len(order.id) == 16 and order.amount == Decimal("65.5") and order.number == 1
    page = send(order.url).press("Pay", cardNumber="4000056655665556", expiry="12/34", cvv="123")
    assert api.find_payment("O-1").status == "Declined"
    page = page.press("Pay", cardNumber="4242424242424242", expiry="12/34", cvv="123")
    page.press("Confirm").press("Continue", "Продолжить", "Вернуться", "Return")
    assert api.find_payment("O-1").status == "Completed"
    assert call(api, "orders/cancel", {"Id": order.id})["Success"] is False
    other = api.create_order(10, "RUB", "Order O-2")
    assert call(api, "orders/cancel", {"Id": other.id})["Success"] is True


# -- notifications -----------------------------------------------------------------------------------------------------


def fields(webhook):
    return {name: values[0] for name, values in parse_qs(webhook.body.decode()).items()}


def signed(webhook, secret, message):
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def test_payments_and_refunds_are_told(api, shop):
    shop.answer = (200, b'{"code":0}')
    for kind in ("pay", "Refund", "FAIL"):
        url = f"{shop.url}/{kind.lower()}"
        assert call(api, f"site/notifications/{kind}/update", {"IsEnabled": True, "Address": url, "HttpMethod": "POST"})["Success"]
    assert call(api, "site/notifications/pay/get")["Model"]["IsEnabled"] is True
    assert call(api, "site/notifications/check/get")["Model"]["IsEnabled"] is False
    paid = charge(api, amount=1234.5, invoice_id="N-1", description="Бумага", data={"order_id": "N-1"})
    told = shop.wait(lambda webhook: webhook.path == "/pay")
    assert told.headers["Content-HMAC"] == signed(told, api.api_secret, told.body)
    assert told.headers["X-Content-HMAC"] == signed(told, api.api_secret, unquote_plus(told.body.decode()).encode())
    said = fields(told)
    assert said["TransactionId"] == str(paid.id) and said["Amount"] == "1234.50" and said["Status"] == "Completed"
    assert said["OperationType"] == "Payment" and said["Description"] == "Бумага" and json.loads(said["Data"]) == {"order_id": "N-1"}
    number = api.refund(paid.id, 1)
    said = fields(shop.wait(lambda webhook: webhook.path == "/refund"))
    assert said["TransactionId"] == str(number) and said["PaymentTransactionId"] == str(paid.id)
    with pytest.raises(PaymentError):
        charge(api, POOR)
    assert fields(shop.wait(lambda webhook: webhook.path == "/fail"))["ReasonCode"] == "5051"


def test_a_shop_that_does_not_say_zero_is_told_again(api, shop):
    shop.answer = (200, b'{"code":0}')
    shop.answers = [(200, b'{"code":13}'), (500, b'{"code":0}')]
    call(api, "site/notifications/pay/update", {"IsEnabled": True, "Address": shop.url, "HttpMethod": "POST"})
    charge(api)
    shop.wait(lambda _: len(shop.received) == 3)
    assert len({webhook.body for webhook in shop.received}) == 1


def test_the_shop_can_veto(api, shop):
    charge(api)
    act("set_check", url=f"{shop.url}/check", account=api.public_id)
    shop.answers = [(200, b'{"code":0}'), (200, b'{"code":12}'), (404, b""), (200, b"nonsense")]
    assert charge(api, invoice_id="V-1").status == "Completed"
    assert fields(shop.received[0])["InvoiceId"] == "V-1"
    for code in (3003, 3007, 3005):
        with pytest.raises(PaymentError) as error:
            charge(api)
        assert error.value.reason_code == code
    assert control("GET", "/health")
