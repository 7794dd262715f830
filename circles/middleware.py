"""A circle that asks for a second factor: whoever has none is led to setting one up, and back."""

from circles.access import FactorAsked
from circles.views.settings import factor_asked


class FactorFirst:
    """Answers wherever a door raised FactorAsked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, FactorAsked):
            return factor_asked(request, exception.circle)
        return None
