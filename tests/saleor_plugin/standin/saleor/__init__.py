"""A stand-in of Saleor, as far as a plugin meets it: plugin manager, base class, models, settings.

Written from the facts about a running core. Each behaviour names the fact that it stands on.
"""
