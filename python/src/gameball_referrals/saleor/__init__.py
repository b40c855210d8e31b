"""Saleor: the app that an operator installs from a URL, with its page in the Dashboard (``docs/saleor.md``)."""
