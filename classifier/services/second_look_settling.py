"""What an adjudicator makes of a doubted label; apart from what finds it, whose packages a web process lacks."""

from __future__ import annotations

from typing import Literal

from django.db import transaction
from django.utils import timezone

from classifier.models import SecondLook
from labeling.domain.errors import Conflict, NotFound
from labeling.models import Project, User
from labeling.services.settled_labels import label_confirm, label_send_back

SecondLookOutcome = Literal["confirm", "send_back", "dismiss"]
_STATES = {
    "confirm": SecondLook.State.CONFIRMED,
    "send_back": SecondLook.State.SENT_BACK,
    "dismiss": SecondLook.State.DISMISSED,
}


@transaction.atomic
def second_look_settle(
    *, project: Project, look_id: int, by: User, outcome: SecondLookOutcome, note: str = ""
) -> SecondLook:
    """What an adjudicator made of a doubt: the label is right, experts are to be asked anew, or it is let be.

    Raises:
        NotFound: "second_look_not_found", also for one of another project.
        Conflict: "second_look_settled", "label_changed", or "photo_is_gold".
    """
    looks = SecondLook.objects.select_for_update(of=("self",)).select_related("suggested")
    look = looks.filter(pk=look_id, project=project).first()
    if look is None:
        raise NotFound("second_look_not_found", "There is no such doubt in this project.")
    if look.state != SecondLook.State.OPEN:
        raise Conflict("second_look_settled", "Somebody has looked at this photo meanwhile.")
    if outcome != "dismiss":
        act = label_confirm if outcome == "confirm" else label_send_back
        act(
            project=project, photo_id=look.photo_id, stage_id=look.label_id, by=by, note=note,
            grounds={
                "reason": look.reason, "doubt": look.doubt, "suggested": look.suggested.position,
                "probabilities": look.evidence.get("probabilities", []), "run": look.round_id,
            },
        )  # fmt: skip
    look.state, look.settled_by, look.settled_at = _STATES[outcome], by, timezone.now()
    look.save(update_fields=["state", "settled_by", "settled_at"])
    return look
