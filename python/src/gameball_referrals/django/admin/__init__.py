"""The app in Django's admin.

- :mod:`accounts` (:mod:`account_form`, :mod:`connection`): keys, and whether they work
- :mod:`deliveries` (:mod:`delivery_filters`, :mod:`waiting`): what was sent, what waits and why
- :mod:`referrals` (:mod:`customers`, :mod:`evidence`): why a friend did, or did not, count
- :mod:`dashboard` (:mod:`chart`): what came of the referrals, and what an operator has to do
- :mod:`health`, :mod:`rows`: what the core is asked with · :mod:`told`, :mod:`texts`: what it tells
- :mod:`core_texts`: the same for translators · :mod:`show`, :mod:`links`: how it is shown
- :mod:`lists`: what keeps lists fast

What doesn't register anything (words, health, evidence, the account's form) serves other pages, too, such as the one in
Saleor's Dashboard: it can be imported where Django's admin is not installed.
"""

from __future__ import annotations

from django.apps import apps

if apps.is_installed("django.contrib.admin"):
    from . import accounts as accounts
    from . import dashboard as dashboard
    from . import deliveries as deliveries
    from . import referrals as referrals
