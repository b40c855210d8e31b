"""The guide's own example: Oscar's registration form with a field for codes that were told rather than clicked."""

from gameball_referrals.django.forms import ReferrerCodeFormMixin
from oscar.apps.customer import forms


class EmailUserCreationForm(ReferrerCodeFormMixin, forms.EmailUserCreationForm):
    pass
