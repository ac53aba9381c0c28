"""``/metrics`` in Prometheus' text format: numbers of the whole installation, read when they are asked for.

Every web process gives the same answer, since all of it comes from the database and the broker. For who carries the
token (``METRICS_TOKEN``, as a bearer), or is signed in as a site administrator; to others there is no such page.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classifier.selectors.operations import Gauge, operations

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the page."""
    if not (_carries_token(request) or _is_administrator(request)):
        raise Http404
    return HttpResponse("".join(f"{line}\n" for line in lines(operations())), content_type=CONTENT_TYPE)


def lines(gauges: Iterable[Gauge]) -> Iterator[str]:
    """The format's lines; label values are escaped as it wants them."""
    for gauge in gauges:
        yield f"# HELP {gauge.name} {gauge.help}"
        yield f"# TYPE {gauge.name} gauge"
        for labels, value in gauge.samples:
            inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            yield f"{gauge.name}{{{inside}}} {value:.12g}" if inside else f"{gauge.name} {value:.12g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _carries_token(request: HttpRequest) -> bool:
    wanted = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _is_administrator(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_active and request.user.is_staff
