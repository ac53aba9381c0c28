"""The weekly e-mail to senders who asked for it: how many of their photos were answered. Nothing new, no e-mail.

Off twice over: the site must have outgoing e-mail (``EMAIL_URL``), and the person must have switched it on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q, QuerySet
from django.utils import timezone

from labeling.models import Membership, User
from labeling.selectors.my_photos import my_news

PREFERENCE = "weekly_digest"
EVERY = timedelta(days=6)
"""Less than a week, so that a late beat does not skip one."""

_TEXTS = {
    "es": (
        "Respuestas a tus fotos",
        "{project}: {answered} con respuesta de los expertos, {rejected} que no sirven. {link}",
        "Para no recibir más este correo, quítalo abajo del todo en la página.",
    ),
    "en": (
        "Answers to your photos",
        "{project}: {answered} answered by experts, {rejected} that cannot be used. {link}",
        "To get this e-mail no more, switch it off at the bottom of the page.",
    ),
}


def digests_due() -> list[int]:
    """Who is to be written to: active, asked for it, not written to this week."""
    if not settings.HAS_EMAIL:
        return []
    return list(_due().values_list("pk", flat=True))


def digest_send(*, user_id: int) -> bool:
    """Write to a person if there is anything new; whether it was written.

    The moment is taken before the e-mail goes: one that is lost is not written twice, and the page shows the same.
    """
    user = _due().filter(pk=user_id).first()
    if user is None or not settings.HAS_EMAIL:
        return False
    now = timezone.now()
    since = user.digest_sent_at or now - timedelta(days=7)
    lines = _lines(user, since)
    if not lines or not _due().filter(pk=user_id).update(digest_sent_at=now):
        return False
    subject, _, ending = _texts(user)
    send_mail(subject, "\n".join([*lines, "", ending]), settings.DEFAULT_FROM_EMAIL, [user.email])
    return True


def _due() -> QuerySet[User]:
    written = Q(digest_sent_at__isnull=True) | Q(digest_sent_at__lt=timezone.now() - EVERY)
    return User.objects.filter(written, is_active=True, **{f"preferences__{PREFERENCE}": True})


def _lines(user: User, since: datetime) -> list[str]:
    lines = []
    for membership in Membership.objects.select_related("project").filter(user=user).order_by("project__name"):
        project = membership.project
        news = my_news(project=project, user=user, since=since)
        if news.answered or news.rejected:
            link = f"{settings.MAIL_LINKS}/u/{project.slug}"
            name = " ".join(project.name.split())
            lines.append(
                _texts(user)[1].format(project=name, answered=news.answered, rejected=news.rejected, link=link)
            )
    return lines


def _texts(user: User) -> tuple[str, str, str]:
    return _TEXTS[user.language or "es"]
