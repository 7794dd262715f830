"""What every reply gets: the member's language, its browser's token, and no copy on the way."""

from django.conf import settings
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from members import browsers
from members.hooks import BROWSER
from members.models import Browser


class MemberLanguage:
    """Speak the language of the profile, else of the cookie, else of the browser."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            language = request.user.language
        else:
            language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def private_replies(get_response):
    """Keep pages out of every cache: what one may see changes with the membership."""

    def reply(request):
        response = get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            add_never_cache_headers(response)
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return reply


def known_browser(get_response):
    """Give a browser in which somebody signed in what it is known by; note that it is in use."""

    def reply(request):
        if request.user.is_authenticated:
            browsers.note_seen(request.session)
        response = get_response(request)
        if token := getattr(request, "new_browser", None):
            response.set_signed_cookie(
                BROWSER,
                token,
                salt=BROWSER,
                max_age=Browser.KEPT,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response

    return reply
