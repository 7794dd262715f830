"""Showing once more that it is you with a passkey: allauth's page, which keeps you here."""

from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView


class PasskeyAgain(ReauthenticateWebAuthnView):
    """A passkey that is not yours is told on this same page."""

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs) -> dict:
        return {**super().get_context_data(**kwargs), **kwargs}
