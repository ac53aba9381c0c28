"""Shapes of the dashboard."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.api.models.report_serializers import FigureSerializer
from classifier.models import Dashboard
from classifier.selectors.dashboards import DashboardShown, ModelFigures

STATES = ("none", *Dashboard.State.values)
STEP_CODES = (
    "photos", "adjudicate", "first_labels", "first_model", "guideline", "label_gap", "photo_gap", "at_ceiling",
    "below_ceiling", "impossible", "overlap", "no_site", "no_date",
)  # fmt: skip


class CoveredSerializer(serializers.Serializer[Any]):
    """Ready photos: settled and suggested by stage, in scale order; not suggested; settled as no stage; all."""

    labels = serializers.ListField(child=serializers.IntegerField())
    waiting = serializers.ListField(child=serializers.IntegerField())
    unknown = serializers.IntegerField()
    other = serializers.IntegerField()
    photos = serializers.IntegerField()


class CoveredSiteSerializer(CoveredSerializer):
    """Photos of a site; null: of none."""

    site = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)


class CoveredTimeSerializer(CoveredSerializer):
    """Photos of a month or week by its first day; null: without a date."""

    day = serializers.DateField(allow_null=True)


class PaceWeekSerializer(serializers.Serializer[Any]):
    """Work of one week: seconds, standing decisions, photos settled."""

    day = serializers.DateField()
    seconds = serializers.FloatField()
    decisions = serializers.IntegerField()
    settled = serializers.IntegerField()


class PacePersonSerializer(serializers.Serializer[Any]):
    """Work of one person over these weeks; ``settled``: photos that they had a part in."""

    person = serializers.IntegerField()
    name = serializers.CharField()
    seconds = serializers.FloatField()
    decisions = serializers.IntegerField()
    settled = serializers.IntegerField()


class CountedFigureSerializer(FigureSerializer):
    """With the photos it rests on."""

    n = serializers.IntegerField()


class DashboardAgreementSerializer(serializers.Serializer[Any]):
    """Agreement of the experts, as the agreement page has it."""

    exact = CountedFigureSerializer(allow_null=True)
    qwk = CountedFigureSerializer(allow_null=True)
    alpha = CountedFigureSerializer(allow_null=True)
    n_photos = serializers.IntegerField()
    computed_at = serializers.DateTimeField(allow_null=True)


class DashboardModelSerializer(serializers.Serializer[Any]):
    """The promoted version against what it may reach; see ``ModelFigures``."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    subset = serializers.ChoiceField(choices=["held_out", "out_of_fold"])
    n = serializers.IntegerField()
    consensus = FigureSerializer()
    single = FigureSerializer(allow_null=True)
    experts = FigureSerializer(allow_null=True)
    n_pairs = serializers.IntegerField()


class NextStepSerializer(serializers.Serializer[Any]):
    """Something to do, as a code and its numbers; see ``classifier.core.next_steps``."""

    code = serializers.ChoiceField(choices=STEP_CODES)
    n = serializers.IntegerField()
    stage = serializers.IntegerField(allow_null=True)
    site = serializers.IntegerField(allow_null=True)
    site_name = serializers.CharField(allow_blank=True)
    n_labels = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True)
    other_share = serializers.FloatField(allow_null=True)


class DashboardSerializer(serializers.Serializer[Any]):
    """The dashboard. ``state`` is "none" before the first figures; ``is_of_now`` false: they are of other stages."""

    state = serializers.ChoiceField(choices=STATES)
    progress = serializers.FloatField()
    error = serializers.CharField(allow_blank=True)
    computed_at = serializers.DateTimeField(allow_null=True)
    is_of_now = serializers.BooleanField()
    steps = NextStepSerializer(many=True)
    sites = CoveredSiteSerializer(many=True)
    more_sites = CoveredSerializer(allow_null=True)
    months = CoveredTimeSerializer(many=True)
    weeks = CoveredTimeSerializer(many=True)
    season_start = serializers.IntegerField(help_text="Month that a season begins with")
    agreement = DashboardAgreementSerializer()
    has_model = serializers.BooleanField()
    model = DashboardModelSerializer(allow_null=True, help_text="Null without a report, too")
    pace_weeks = PaceWeekSerializer(many=True)
    pace_people = PacePersonSerializer(many=True)
    n_plants = serializers.IntegerField()
    n_flagged = serializers.IntegerField(help_text="Photos at odds with their plant's others")
    is_flagging_cut = serializers.BooleanField(help_text="Some plants were not looked at, for there are too many")


class PlantsQuerySerializer(serializers.Serializer[Any]):
    """Which plants: of the season that began in a year; those with a flagged photo only."""

    season = serializers.IntegerField(min_value=1, max_value=9998)
    flagged = serializers.BooleanField(default=False)


class PlantWeekSerializer(serializers.Serializer[Any]):
    """A week of a plant, and the photo that speaks for it."""

    monday = serializers.DateField()
    photo_id = serializers.IntegerField()
    position = serializers.IntegerField(allow_null=True)
    is_label = serializers.BooleanField()
    is_flagged = serializers.BooleanField()
    n = serializers.IntegerField()


class PlantSeasonSerializer(serializers.Serializer[Any]):
    """A plant through a season."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    site = serializers.CharField()
    weeks = PlantWeekSerializer(many=True)


def dashboard_data(shown: DashboardShown) -> dict[str, Any]:
    """The page as :class:`DashboardSerializer` renders it."""
    dashboard, content = shown.dashboard, shown.content
    overall = shown.agreement["overall"] or {"exact": None, "qwk": None, "alpha": None}
    return {
        "state": "none" if dashboard is None else dashboard.state,
        "progress": 0.0 if dashboard is None else dashboard.progress,
        "error": "" if dashboard is None else dashboard.error,
        "computed_at": None if dashboard is None else dashboard.computed_at,
        "is_of_now": shown.is_of_now,
        "steps": [_step(shown, step) for step in shown.steps],
        "sites": [{**it, "name": shown.sites.get(it["site"], "")} for it in content["sites"]],
        "more_sites": content["more_sites"],
        "months": content["months"],
        "weeks": content["weeks"],
        "season_start": content["season_start"],
        "agreement": {**shown.agreement, **overall},
        "has_model": shown.has_model,
        "model": None if shown.model is None else _model(shown.model),
        "pace_weeks": content["pace"]["weeks"],
        "pace_people": [{**it, "name": shown.people.get(it["person"], "")} for it in content["pace"]["people"]],
        "n_plants": content["plants"]["n"],
        "n_flagged": content["plants"]["n_flagged"],
        "is_flagging_cut": content["plants"]["is_cut"],
    }


def _step(shown: DashboardShown, step: Any) -> dict[str, Any]:
    names = {name: getattr(step, name) for name in ("code", "n", "stage", "site", "n_labels", "share", "other_share")}
    return {**names, "site_name": shown.sites.get(step.site, "")}


def _model(figures: ModelFigures) -> dict[str, Any]:
    names = ("subset", "n", "consensus", "single", "experts", "n_pairs")
    return {
        "id": figures.version.pk,
        "number": figures.version.number,
        **{name: getattr(figures, name) for name in names},
    }
