"""The SDK `aiocloudpayments` for Python (asyncio, pydantic) against the fake."""

import asyncio
import base64
import uuid

import pytest
from aiocloudpayments import AioCpClient

from conftest import FAKE


def cryptogram(number):
    return f"01{number[:6]}{number[-4:]}341204" + base64.b64encode(b"encrypted").decode()


def play(story):
    """Plays a story with a client of a terminal of its own."""

    async def inside():
        client = AioCpClient(f"pk_{uuid.uuid4().hex}", uuid.uuid4().hex, base_url=f"{FAKE}/")
        try:
            return await story(client)
        finally:
            await client.disconnect()

    return asyncio.run(asyncio.wait_for(inside(), 30))


async def charge(client, number="4000000000003055", amount=100, **more):
    return await client.charge_card(amount=amount, ip_address="127.0.0.1", card_cryptogram_packet=cryptogram(number), **more)


def test_it_answers():
    async def story(client):
        await client.test()

    play(story)


def test_a_card_pays_and_is_found():
    async def story(client):
        made = await charge(client, invoice_id="1001", account_id="anna")
        found = await client.find_payment(1001)
        same = await client.get_payment(made.transaction_id)
        assert made.transaction_id == found.transaction_id == same.transaction_id
        assert found.amount == 100

    play(story)


def test_3d_secure_asks_first():
    async def story(client):
        asked = await charge(client, "4242424242424242")
        assert asked.acs_url.startswith("http") and asked.pa_req

    play(story)


def test_two_stages_and_a_refund():
    async def story(client):
        held = await client.auth_card(amount=50, ip_address="127.0.0.1", card_cryptogram_packet=cryptogram("4000000000003055"))
        await client.confirm_payment(held.transaction_id, 40)
        refund = await client.refund_payment(held.transaction_id, 15)
        assert refund is not None
        with pytest.raises(Exception):
            await client.refund_payment(held.transaction_id, 26)

    play(story)
