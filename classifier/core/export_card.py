"""The card that travels with an exported model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Licences of the pretrained weights that ``keras.applications`` offers.
_WEIGHTS_LICENCE = "Apache-2.0 (keras.applications, trained on ImageNet, whose photos have terms of their own)"


def card_of(labels: Mapping[str, Any], parity: Mapping[str, Any], *, usage: str) -> str:
    """Write a model card in Markdown from what ``labels.json`` and ``parity.json`` hold.

    Parameters
    ----------
    labels : mapping
        From ``exporting.label_file``; ``model`` names the version, ``members`` are those of the version.
    parity : mapping
    usage : str
        How to run the file.

    References
    ----------
    .. [1] Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
    """
    model, given = labels.get("model", {}), labels["input"]
    lines = [
        f"# {model.get('project', 'Model')}, version {model.get('number', '?')} ({labels['format']})",
        "",
        f"Stage classifier with {len(labels['stages'])} classes, scale version {model.get('scale_version', '?')}.",
        "",
        "## How to run it",
        "",
        f"    {usage}",
        "",
        f"Input: {given['dtype']} (n, {given['shape'][1]}, {given['shape'][2]}, 3), RGB. {given['preprocessing']}",
        "Output: calibrated probabilities in the order of the table below.",
        "",
        "## Stages",
        "",
        "| # | slug | BBCH | English | Español |",
        "|---|---|---|---|---|",
        *(_stage_row(i, stage) for i, stage in enumerate(labels["stages"])),
        "",
        "## What is inside",
        "",
        f"Artifact of the served ensemble: `{model.get('artifact_sha256', 'not recorded')}`.",
        *(_member_row(member) for member in labels.get("members", []) if member["name"] in labels["members_inside"]),
        "",
        "## Agreement with the served ensemble",
        "",
        f"On {parity['n_photos']} photos ({parity['photos']}) the largest difference of a probability is "
        f"{parity['largest_difference']:.2e} (at most {parity['tolerance']} is allowed); "
        f"{100 * parity['same_stage']:.1f} % have the same most probable stage.",
        "",
        "## Measured",
        "",
        *(_measure_rows(labels.get("evaluations", [])) or ["Nothing was recorded."]),
        "",
        "## Licence and limits",
        "",
        f"Licence of this model: {model.get('licence') or 'to be stated by whoever passes it on'}.",
        "To be filled in: for which crop, place, season and camera it was tried; who labelled; what it must not be",
        "used for.",
        "",
    ]
    return "\n".join(lines)


def _stage_row(number: int, stage: Mapping[str, Any]) -> str:
    first, last = stage.get("bbch_first", ""), stage.get("bbch_last", "")
    codes = first if first == last else f"{first}-{last}"
    cells = (str(number), stage["slug"], codes or "-", stage["name_en"], stage["name_es"])
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _member_row(member: Mapping[str, Any]) -> str:
    pretrained = (
        f", pretrained {member['backbone']} (weights {member['weights_hash'][:12]}, {_WEIGHTS_LICENCE})"
        if member.get("backbone")
        else ""
    )
    return f"- {member['name']}: weight {member['stacking_weight']:.2f}{pretrained}"


def _measure_rows(evaluations: list[Mapping[str, Any]]) -> list[str]:
    return [
        f"- {one['subset']}, {one['n']} photos: accuracy {100 * one['accuracy']:.1f} % "
        f"({100 * one['accuracy_low']:.1f} to {100 * one['accuracy_high']:.1f}), calibration error {one['ece']:.3f}"
        for one in evaluations
    ]
