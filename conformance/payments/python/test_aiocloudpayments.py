"""The SDK `aiocloudpayments` for Python (asynchronous, typed) against the fake."""

import asyncio
import base64
import uuid
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from aiocloudpayments import AioCpClient
from aiocloudpayments.exceptions import CpAPIError, CpPaymentError, CpTooManyRequests
from aiocloudpayments.types.notifications import FailNotification, PayNotification, RefundNotification
from aiocloudpayments.types.secure_3d import Secure3D
from aiocloudpayments.utils.hmac_check import hmac_check

from conftest import FAKE, control
from pages import send


def cryptogram(number):
    return f"01{number[:6]}{number[-4:]}341204" + base64.b64encode(b"encrypted").decode()


PLAIN, CHALLENGED, POOR = (cryptogram(number) for number in ("4000000000003055", "4242424242424242", "4000056655665556"))


@pytest.fixture
def play():
    """Runs what a test does with a terminal of its own."""
    public_id, secret = f"pk_{uuid.uuid4().hex}", uuid.uuid4().hex

    def run(does):
        async def whole():
            client = AioCpClient(public_id, secret, base_url=f"{FAKE.rstrip('/')}/")
            try:
                return await does(client)
            finally:
                await client.disconnect()

        return asyncio.run(whole())

    run.secret = secret
    return run


def charge(api, card=PLAIN, amount=100, **more):
    return api.charge_card(amount=amount, ip_address="127.0.0.1", card_cryptogram_packet=card, **more)


def test_a_charge_is_typed_and_found(play):
    async def does(api):
        await api.test()
        paid = await charge(api, amount=65, invoice_id="7", account_id="anna", json_data={"order_id": "7"})
        return paid, await api.get_payment(paid.transaction_id), await api.find_payment("7")

    paid, got, found = play(does)
    assert paid.status == "Completed" and paid.amount == 65 and paid.currency == "RUB" and paid.test_mode is True
    assert got.transaction_id == found.transaction_id == paid.transaction_id and isinstance(got.created_date_iso, datetime)


def test_a_decline_is_a_payment_error(play):
    with pytest.raises(CpPaymentError) as error:
        play(lambda api: charge(api, POOR))
    assert error.value.model.reason_code == 5051 and "InsufficientFunds" in str(error.value)


def test_a_wrong_amount_is_an_api_error(play):
    with pytest.raises(CpAPIError) as error:
        play(lambda api: charge(api, amount=0))
    assert "Amount" in error.value.message


def test_too_many_requests_are_their_own_error(play):
    control("POST", "/faults", {"kind": "throttled", "on": {"operation": "POST /payments/void"}})
    with pytest.raises(CpTooManyRequests):
        play(lambda api: api.void_payment(transaction_id=1))


def test_a_payer_passes_their_bank(play):
    async def does(api):
        asked = await charge(api, CHALLENGED)
        assert isinstance(asked, Secure3D) and asked.three_ds_callback_id
        form = {"MD": asked.transaction_id, "PaReq": asked.pa_req, "TermUrl": "http://shop.test/"}
        page = await asyncio.to_thread(lambda: send(asked.acs_url, "POST", form).press("Confirm"))
        return await api.post3ds(transaction_id=asked.transaction_id, pa_res=page.forms[0].fields["PaRes"])

    assert play(does).status == "Completed"


def test_refunds_and_lists(play):
    async def does(api):
        paid = await charge(api)
        refund = await api.refund_payment(transaction_id=paid.transaction_id, amount=40)
        with pytest.raises(CpAPIError):
            await api.refund_payment(transaction_id=paid.transaction_id, amount=61)
        return paid, refund, await api.list_payments(date=datetime.utcnow().date(), time_zone="UTC")

    paid, refund, listed = play(does)
    assert [it.transaction_id for it in listed] == [paid.transaction_id, refund.transaction_id]
    assert [it.type for it in listed] == [0, 1] and listed[1].original_transaction_id == paid.transaction_id


def test_an_order_is_opened_and_cancelled(play):
    async def does(api):
        order = await api.create_order(amount=10, description="Order 1", json_data={"order_id": "1"})
        await api.cancel_order(id=order.id)
        return order

    order = play(does)
    assert order.status == "Created" and order.status_code == 0 and order.id in order.url


def test_notifications_fit_the_types_and_the_verifier(play, shop):
    shop.answer = (200, b'{"code":0}')

    async def does(api):
        for kind in ("pay", "fail", "refund"):
            await api.update_notification(type=kind, is_enabled=True, address=f"{shop.url}/{kind}", http_method="POST")
        assert (await api.get_notification(type="pay")).is_enabled is True
        paid = await charge(api, invoice_id="N", json_data={"order_id": "N"})
        await api.refund_payment(transaction_id=paid.transaction_id, amount=1)
        with pytest.raises(CpPaymentError):
            await charge(api, POOR)
        return paid

    paid = play(does)
    for kind, of in (("pay", PayNotification), ("refund", RefundNotification), ("fail", FailNotification)):
        told = shop.wait(lambda webhook: webhook.path == f"/{kind}")
        assert hmac_check(told.body, play.secret, told.headers["Content-HMAC"])
        assert not hmac_check(told.body + b"&x=1", play.secret, told.headers["Content-HMAC"])
        said = of(**dict(parse_qsl(told.body.decode())))
        assert said.transaction_id >= paid.transaction_id
        if kind == "pay":
            assert said.amount == 100 and said.data == {"order_id": "N"} and said.gateway_name == "Test"
