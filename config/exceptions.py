"""One error shape for the whole API: ``{"code", "message", "fields"}``."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from labeling.domain.errors import Conflict, DomainError, NotFound


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn domain and DRF errors into the one shape; anything else stays a 500."""
    if isinstance(error, DomainError):
        code = {NotFound: status.HTTP_404_NOT_FOUND, Conflict: status.HTTP_409_CONFLICT}.get(
            type(error), status.HTTP_422_UNPROCESSABLE_ENTITY
        )
        return Response({"code": error.code, "message": error.message, "fields": error.fields}, status=code)
    response = drf_exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        body = {"code": "invalid", "message": "Some fields are not valid.", "fields": response.data}
    elif isinstance(error, Http404):
        body = {"code": "not_found", "message": "There is no such thing here.", "fields": {}}
    elif isinstance(error, PermissionDenied):
        body = {"code": "permission_denied", "message": "Your role does not allow this.", "fields": {}}
    else:
        codes = error.get_codes() if isinstance(error, exceptions.APIException) else "error"
        body = {"code": codes if isinstance(codes, str) else "error", "message": str(error), "fields": {}}
    response.data = body
    return response
