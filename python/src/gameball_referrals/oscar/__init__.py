"""django-oscar: one more app in ``INSTALLED_APPS``, after ``gameball_referrals.django`` (``docs/oscar.md``)."""
