"""The shop that is measured: sign-ups and orders, with the app, without it, and with what shops do instead."""
