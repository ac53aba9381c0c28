"""The figures of the agreement page: asking for them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from labeling.events import agreement_requested, announce
from labeling.models import AgreementReport


@transaction.atomic
def agreement_request(*, project_id: int) -> AgreementReport:
    """Have a worker compute the figures anew; a request that waits already is answered again.

    The row comes first: a lost message is made up for by ``reports_waiting``.
    """
    report, _ = AgreementReport.objects.get_or_create(project_id=project_id)
    report.requested_at = timezone.now()
    report.save(update_fields=["requested_at"])
    announce(agreement_requested, project_id=project_id)
    return report
