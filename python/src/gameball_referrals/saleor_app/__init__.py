"""The Saleor app as a server of its own: ``python -m gameball_referrals saleor-app`` (``docs/saleor-server.md``).

- :mod:`command`: what the command line does, from the secret to the last answer
- :mod:`environment`: every variable it reads · :mod:`secret_key`: where the secret comes from
- :mod:`settings`, :mod:`urls`: the Django project that it is
- :mod:`asgi`: the application, with health, limits, headers and the access log around it
"""
