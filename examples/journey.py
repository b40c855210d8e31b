"""One referral from a visit to its proof, in Python. Needs nothing but the package: `python examples/journey.py`."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal

from gameball_referrals import ClaimSigner, Client, extract_referrer_code, referral_link
from gameball_referrals.testing import Emulator

SHOP_KEY = b"the shop's own secret, at least 16 bytes"


def step(number: int, text: str) -> None:
    print(f"\n {number}. {text}")


def detail(name: str, value: object) -> None:
    print(f"      {name:<14} {value}")


def receipt(client: Client, friend: str, code: str, *, was_valid: bool) -> str:
    if client.get_customer(friend).is_referred:
        return f"LINKED: Gameball counts {friend} as referred with {code}"
    if not was_valid:
        return f"REJECTED: nobody's code is {code}; Gameball ignored it silently"
    return f"LOST: {friend} is not referred"


def main() -> None:
    print("The referral journey, in Python")
    with Emulator() as gameball, Client(gameball.api_key, gameball.secret_key, base_url=gameball.url) as client:
        detail("Gameball", f"{gameball.url} (the embedded emulator; open it in a browser)")

        step(1, "Ann, a customer, shares her link")
        client.create_customer("ann", attributes={"display_name": "Ann"})
        code = client.get_customer("ann").referral_code
        assert code is not None
        link = referral_link("https://shop.example/signup?ref={referralCode}", code)
        detail("link", link)

        step(2, "Ben opens it; the shop keeps the code as a signed, dated claim")
        visit = f"{link}&utm_source=whatsapp#top"
        detail("visit", visit)
        captured = extract_referrer_code(visit)
        assert captured is not None
        signer = ClaimSigner(SHOP_KEY)
        cookie = signer.issue(captured)
        detail("claim cookie", cookie)

        step(3, "Ben registers; his first call to Gameball carries the code")
        claim = signer.read(cookie)
        assert claim is not None
        valid = client.validate_referrer_code(claim.code, for_customer_id="ben")
        created = client.create_customer(
            "ben", referrer_code=claim.code, email="ben@shop.example", attributes={"display_name": "Ben"}
        )
        detail("code valid", valid)
        detail("Gameball id", created.gameball_id)

        step(4, "Ben pays his first order")
        tracked = client.track_order(
            "order-1",
            customer_id="ben",
            order_date=datetime.now(timezone.utc),
            total_paid=Decimal("100.10"),
            total_price=Decimal("120.00"),
            line_items=[{"product_id": "mug", "quantity": 2, "price": Decimal("60.00")}],
        )
        sent = [request for request in gameball.state()["requests"] if request["operation"] == "trackOrder"]
        detail("sent", json.loads(json.dumps(sent[-1]["body"])))
        detail("points", tracked.rewarded_points)

        step(5, "The proof, read back")
        ben = receipt(client, "ben", claim.code, was_valid=valid)
        detail("receipt", ben)
        friends = [friend.customer_id for friend in client.get_customer_referrals("ann")]
        count = client.get_customer_referrals_count("ann")
        detail(
            "Ann's friends",
            f"{', '.join(map(str, friends))} ({count.total_active} active, {count.total_pending} pending)",
        )

        step(6, "Carl mistypes a code: Gameball answers 200 all the same, the read-back tells")
        valid = client.validate_referrer_code("ANNN", for_customer_id="carl")
        client.create_customer("carl", referrer_code="ANNN")
        detail("receipt", receipt(client, "carl", "ANNN", was_valid=valid))
        assert ben.startswith("LINKED") and friends == ["ben"]
    print()


if __name__ == "__main__":
    main()
