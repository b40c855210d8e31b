"""pyreqwest, which stands on Rust's reqwest too."""

from protocol import check_json, headers, measure, order, orders_url
from pyreqwest.client import SyncClientBuilder

with SyncClientBuilder().default_headers(headers).error_for_status(True).build() as client:

    def track(number: int) -> None:
        answer = client.post(orders_url).body_json(order(number)).build().send()
        check_json(number, answer.json())

    measure(track)
