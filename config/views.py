"""Pages that belong to no app: health, the built front end, the API's documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularSwaggerSplitView

NONCE_PLACEHOLDER = "__CSP_NONCE__"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer while the process can answer at all; touches neither database nor broker."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether work can be done: 200 when database and broker answer, else 503 naming the one that does not."""
    checks = {"database": _database_answers(), "broker": _broker_answers()}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            return bool(cursor.fetchone() == (1,))
    except Exception:  # whatever is wrong, the answer is "not ready", never a 500
        return False


def _broker_answers() -> bool:
    # The cache and the broker are the same Redis; a read of an absent key is a full round trip.
    try:
        cache.get("readyz")
    except Exception:
        return False
    return True


@require_safe
@ensure_csrf_cookie
def front_end(request: HttpRequest, entry: str = "index.html") -> HttpResponse:
    """Answer the built page ``entry`` with this answer's CSP nonce put in its place.

    Every path that no other route takes comes here, so that a deep link or a reload works.
    """
    page = _built(entry)
    if page is None:
        return render(request, "front_end_missing.html", status=503)
    nonce = str(request.csp_nonce)  # type: ignore[attr-defined]  # set by django-csp's middleware
    response = HttpResponse(page.read_text(encoding="utf-8").replace(NONCE_PLACEHOLDER, nonce))
    response["Cache-Control"] = "no-cache"  # a new release must be seen at once; assets are hashed and immutable
    return response


@require_safe
def front_end_file(request: HttpRequest, name: str, content_type: str) -> HttpResponse:
    """Answer a built file wanted at the root: the service worker (its folder is its scope), the manifest."""
    built = _built(name)
    if built is None:
        raise Http404
    response = HttpResponse(built.read_bytes(), content_type=content_type)
    response["Cache-Control"] = "no-cache"
    return response


def _built(name: str) -> Path | None:
    path = Path(settings.FRONTEND_DIST) / name
    return path if path.is_file() else None


def api_not_found(request: HttpRequest) -> JsonResponse:
    """Keep the API's error shape for addresses it does not have."""
    return JsonResponse(
        {"code": "not_found", "message": "There is no such address in this API.", "fields": {}}, status=404
    )


# Swagger UI sets inline styles and draws its icons from data: addresses. A nonce would switch 'unsafe-inline' off, so
# the directive is replaced as a whole; scripts stay limited to our own files.
@method_decorator(
    csp_replace({"style-src": [SELF, "'unsafe-inline'"], "default-src": [NONE], "script-src": [SELF]}), name="dispatch"
)
class ApiDocs(SpectacularSwaggerSplitView):
    """The API's documentation, from files we serve ourselves."""

    permission_classes: list[Any] = []  # noqa: RUF012 - DRF's own declaration is not a ClassVar
    authentication_classes: list[Any] = []  # noqa: RUF012 - the page is the same for everybody
