"""primp, which stands on a fork of Rust's reqwest."""

import primp
from protocol import check_json, headers, measure, order, orders_url

client = primp.Client(headers=headers)


def track(number: int) -> None:
    answer = client.post(orders_url, json=order(number))
    answer.raise_for_status()
    check_json(number, answer.json())


measure(track)
