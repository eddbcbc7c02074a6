"""The ten integration tests that styk grew out of, written as a stranger would write them: pytest and requests, a shop
and three MockServers somewhere on the network, nothing of styk's own.

They are played twice on one database, so nothing here may assume a fresh one, except for the product with the fixed
SKU, which answers 409 the second time by design.
"""

import os
import time

import pytest
import requests

APP = os.environ.get("APP_URL", "http://127.0.0.1:8000")
PAYMENT = os.environ.get("PAYMENT_MOCK_URL", "http://127.0.0.1:1080")
SHIPPING = os.environ.get("SHIPPING_MOCK_URL", "http://127.0.0.1:1081")
EMAIL = os.environ.get("EMAIL_MOCK_URL", "http://127.0.0.1:1082")

USER = {
    "email": "integration@test.com",
    "password": "testpass123",
    "first_name": "Integration",
    "last_name": "Test",
    "phone": "+79991234567",
}
ADDRESS = {
    "first_name": "Integration",
    "last_name": "Test",
    "street": "Test Street 1",
    "city": "Moscow",
    "postal_code": "101000",
}
TIMEOUT = 10


def wait_for(url, deadline=60.0):
    """Waits until the shop says that everything is there."""
    end = time.monotonic() + deadline
    answer = None
    while time.monotonic() < end:
        try:
            answer = requests.get(url, timeout=2)
            if answer.status_code == 200 and all(answer.json().values()):
                return
        except requests.RequestException as error:
            answer = error
        time.sleep(0.1)
    raise AssertionError(f"{url} is not ready: {answer!r}")


def expect(mock, request, response):
    answer = requests.put(
        f"{mock}/mockserver/expectation",
        json={"httpRequest": request, "httpResponse": response},
        timeout=TIMEOUT,
    )
    assert answer.status_code == 201, answer.text


def verify(mock, request, times=None):
    answer = requests.put(
        f"{mock}/mockserver/verify",
        json={"httpRequest": request, "times": times or {"atLeast": 1}},
        timeout=TIMEOUT,
    )
    assert answer.status_code == 202, answer.text


def reset(mock):
    assert requests.put(f"{mock}/mockserver/reset", timeout=TIMEOUT).status_code == 200


@pytest.fixture(scope="session", autouse=True)
def everything_is_up():
    wait_for(f"{APP}/health/")


@pytest.fixture(autouse=True)
def outside_world():
    for mock in (PAYMENT, SHIPPING, EMAIL):
        reset(mock)
    expect(
        PAYMENT,
        {"method": "POST", "path": "/api/v1/payments"},
        {
            "statusCode": 201,
            "body": {
                "id": "test_payment_123",
                "status": "pending",
                "amount": 1000,
                "currency": "RUB",
                "confirmation_url": "https://payment.test/confirm",
            },
        },
    )
    expect(
        PAYMENT,
        {"method": "GET", "path": "/api/v1/payments/.+"},
        {
            "statusCode": 200,
            "body": {"id": "test_payment_456", "status": "succeeded", "paid": True, "amount": 1000, "currency": "RUB"},
        },
    )
    expect(
        PAYMENT,
        {"method": "POST", "path": "/api/v1/refunds"},
        {"statusCode": 201, "body": {"id": "refund_123", "status": "succeeded"}},
    )
    expect(
        SHIPPING,
        {"method": "POST", "path": "/api/v1/shipping/calculate"},
        {"statusCode": 200, "body": {"cost": 500, "delivery_days": 3, "service": "standard"}},
    )
    expect(
        SHIPPING,
        {"method": "POST", "path": "/api/v1/shipping/orders"},
        {"statusCode": 201, "body": {"id": "ship_123", "tracking_number": "TRACK123456", "status": "created"}},
    )
    expect(EMAIL, {"method": "POST", "path": "/api/v1/emails/send"}, {"statusCode": 200, "body": {"status": "sent"}})


@pytest.fixture
def shop():
    """A session of the one test user. The first run registers and lives on the cookie alone; later ones log in."""
    session = requests.Session()
    answer = session.post(f"{APP}/api/auth/register/", json=USER, timeout=TIMEOUT)
    if answer.status_code != 201:
        answer = session.post(
            f"{APP}/api/auth/login/",
            json={"email": USER["email"], "password": USER["password"]},
            timeout=TIMEOUT,
        )
        assert answer.status_code == 200, answer.text
        session.headers["Authorization"] = f"Bearer {answer.json()['access']}"
    return session


def call(session, method, path, status, **arguments):
    answer = session.request(method, f"{APP}{path}", timeout=TIMEOUT, **arguments)
    assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def product(session, sku, price=100.00, quantity=50):
    body = {"name": f"Product {sku}", "description": "For tests", "price": price, "sku": sku, "quantity": quantity}
    answer = session.post(f"{APP}/api/products/", json=body, timeout=TIMEOUT)
    if answer.status_code == 409:
        items = call(session, "GET", f"/api/products/?sku={sku}", 200)["items"]
        return items[0]
    assert answer.status_code == 201, answer.text
    return answer.json()


def unique(prefix):
    return f"{prefix}_{time.time_ns()}"


def order(session, price=1000.00):
    item = product(session, unique("SKU"), price=price)
    body = {"items": [{"product_id": item["id"], "quantity": 1}], "shipping_address": ADDRESS}
    return call(session, "POST", "/api/orders/", 201, json=body)


def finished(session, task_id):
    for _ in range(30):
        task = call(session, "GET", f"/api/tasks/{task_id}/status/", 200)
        if task["status"] in ("SUCCESS", "FAILURE"):
            return task
        time.sleep(1)
    raise AssertionError(f"task {task_id} did not end: {task}")


class TestUserFlows:
    def test_full_user_registration_flow(self):
        session = requests.Session()
        email = f"{unique('user')}@test.com"
        created = call(
            session, "POST", "/api/auth/register/", 201, json={**USER, "email": email}
        )
        assert "access_token" in created
        verify(EMAIL, {"method": "POST", "path": "/api/v1/emails/send"})
        session.cookies.clear()
        login = call(session, "POST", "/api/auth/login/", 200, json={"email": email, "password": USER["password"]})
        session.headers["Authorization"] = f"Bearer {login['access']}"
        assert call(session, "GET", "/api/users/profile/", 200)["email"] == email
        changed = call(session, "PUT", "/api/users/profile/", 200, json={"first_name": "Changed"})
        assert changed["first_name"] == "Changed"
        call(
            session,
            "POST",
            "/api/auth/change-password/",
            200,
            json={"old_password": USER["password"], "new_password": "newpass456"},
        )
        call(requests.Session(), "POST", "/api/auth/login/", 200, json={"email": email, "password": "newpass456"})

    def test_full_order_flow(self, shop):
        products = [product(shop, f"INT_TEST_{n}", price=100.00 * n, quantity=1000) for n in (1, 2, 3)]
        for item in products:
            call(shop, "POST", "/api/cart/items/", 201, json={"product_id": item["id"], "quantity": 1})
        cart = call(shop, "GET", "/api/cart/", 200)
        assert len(cart["items"]) == 3
        placed = call(shop, "POST", "/api/orders/", 201, json={"shipping_address": ADDRESS})
        assert placed["status"] == "pending"
        assert placed["total"] == 600
        call(
            shop,
            "POST",
            "/api/payments/process/",
            200,
            json={"order_id": placed["id"], "payment_method": "card", "payment_token": "tok_test"},
        )
        assert call(shop, "GET", f"/api/orders/{placed['id']}/", 200)["status"] in ("confirmed", "processing")


class TestPaymentIntegration:
    def test_payment_gateway(self, shop):
        placed = order(shop)
        payment = call(
            shop,
            "POST",
            "/api/payments/create/",
            201,
            json={"order_id": placed["id"], "amount": 1000.00, "currency": "RUB", "payment_method": "card"},
        )
        assert payment["status"] == "pending"
        assert payment["confirmation_url"]
        confirmed = call(
            shop,
            "POST",
            "/api/payments/confirm/",
            200,
            json={"payment_id": payment["id"], "confirmation_token": "test_token"},
        )
        assert confirmed["status"] == "succeeded"
        paid = call(shop, "GET", f"/api/orders/{placed['id']}/", 200)
        assert (paid["status"], paid["payment_status"]) == ("confirmed", "paid")
        verify(EMAIL, {"method": "POST", "path": "/api/v1/emails/send"})

    def test_refund(self, shop):
        placed = order(shop)
        call(
            shop,
            "POST",
            "/api/payments/process/",
            200,
            json={"order_id": placed["id"], "payment_method": "card", "payment_token": "tok_test"},
        )
        refund = call(
            shop,
            "POST",
            "/api/payments/refund/",
            201,
            json={"order_id": placed["id"], "amount": 1000.00, "reason": "customer_request"},
        )
        assert refund["status"] == "pending"
        refunded = call(shop, "GET", f"/api/orders/{placed['id']}/", 200)
        assert (refunded["status"], refunded["payment_status"]) == ("refunded", "refunded")


class TestExternalServices:
    def test_shipping(self, shop):
        placed = order(shop)
        quote = call(
            shop,
            "POST",
            "/api/shipping/calculate/",
            200,
            json={
                "order_id": placed["id"],
                "destination": {"city": "Moscow", "postal_code": "101000"},
                "packages": [{"weight": 1.5, "dimensions": {"length": 20, "width": 15, "height": 10}}],
            },
        )
        assert quote["cost"] == 500 and quote["delivery_days"] == 3
        shipment = call(
            shop,
            "POST",
            "/api/shipping/create/",
            201,
            json={
                "order_id": placed["id"],
                "service": "standard",
                "recipient": {"name": "Test", "phone": "+79991234567", "address": "Moscow"},
            },
        )
        assert shipment["tracking_number"] == "TRACK123456"
        tracking = call(shop, "GET", f"/api/shipping/tracking/{shipment['id']}/", 200)
        assert tracking["status"] and isinstance(tracking["events"], list)

    def test_inventory(self, shop):
        item = product(shop, unique("INV"), quantity=50)
        left = call(
            shop,
            "PUT",
            f"/api/products/{item['id']}/inventory/",
            200,
            json={"product_id": item["id"], "quantity": 5},
        )
        assert left["quantity"] == 45
        assert call(shop, "GET", f"/api/products/{item['id']}/", 200)["quantity"] == 45

    def test_analytics(self):
        session = requests.Session()
        before = call(session, "GET", "/api/analytics/stats/", 200)
        for event in (
            {"type": "page_view", "page": "/products"},
            {"type": "add_to_cart", "product_id": 1, "quantity": 2},
            {"type": "purchase", "order_id": 1, "amount": 199.99},
        ):
            call(session, "POST", "/api/analytics/track/", 200, json=event)
        after = call(session, "GET", "/api/analytics/stats/", 200)
        assert after["page_views"] == before["page_views"] + 1
        assert after["purchases"] == before["purchases"] + 1
        assert after["conversion_rate"] > 0


class TestAsyncProcesses:
    def test_order_processing(self, shop):
        placed = order(shop)
        task = call(shop, "POST", f"/api/orders/{placed['id']}/process/", 202)
        assert finished(shop, task["task_id"])["status"] == "SUCCESS"
        done = call(shop, "GET", f"/api/orders/{placed['id']}/", 200)
        assert done["status"] == "processing"
        assert done["inventory_reserved"] and done["payment_processed"] and done["shipping_created"]

    def test_inventory_sync(self, shop):
        product(shop, "INV_SYNC_TEST", quantity=100)
        task = call(shop, "POST", "/api/inventory/sync/", 202)
        assert finished(shop, task["task_id"])["status"] == "SUCCESS"
        status = call(shop, "GET", "/api/inventory/status/", 200)
        assert status["last_sync"] and status["products_synced"] > 0

    def test_notification(self, shop):
        placed = order(shop)
        task = call(
            shop,
            "POST",
            "/api/notifications/send/",
            202,
            json={"order_id": placed["id"], "notification_type": "order_confirmation"},
        )
        assert finished(shop, task["task_id"])["status"] == "SUCCESS"
        sent = call(shop, "GET", f"/api/notifications/order/{placed['id']}/", 200)
        assert any(note["type"] == "email" for note in sent)
        verify(EMAIL, {"method": "POST", "path": "/api/v1/emails/send"})
