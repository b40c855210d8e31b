import time
import pytest
from admin import support, test_growth
from django.test import Client
from django.contrib.auth import get_user_model
from django.db import connection

@pytest.mark.django_db(transaction=True)
def test_it():
    boss = Client(); boss.force_login(get_user_model().objects.create_superuser("boss", password="x"))
    support.lived_in()
    pages = test_growth.pages()
    def times():
        out = {}
        for p in pages:
            boss.get(test_growth.ROOT + p)
            best = min((lambda t: (boss.get(test_growth.ROOT + p), time.perf_counter() - t)[1])(time.perf_counter()) for _ in range(3))
            out[p] = best * 1000
        return out
    test_growth.grow(0, 10_000)
    a = times()
    for i in range(10_000, 1_000_000, 90_000):
        test_growth.grow(i, min(1_000_000, i + 90_000))
    b = times()
    for p in pages:
        print(f"{p:45} {a[p]:7.1f} {b[p]:7.1f} ms  {b[p]/a[p]:.2f}")
