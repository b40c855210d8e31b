"""requests: one session, everything else as it comes."""

import requests
from protocol import check_json, headers, measure, order, orders_url

session = requests.Session()
session.headers.update(headers)


def track(number: int) -> None:
    answer = session.post(orders_url, json=order(number))
    answer.raise_for_status()
    check_json(number, answer.json())


measure(track)
