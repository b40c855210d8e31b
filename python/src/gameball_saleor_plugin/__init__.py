"""Gameball referrals inside Saleor's own process: an in-process plugin (``docs/saleor-plugin.md``).

Saleor finds it by the entry point of the group ``saleor.plugins`` and adds this package to its ``INSTALLED_APPS``.
Nothing here needs Saleor to be imported but ``plugin.py``.
"""
