"""The labelling peers: started one after the other, filled, measured by the measurements that we are measured by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.contenders import Export, HandOuts, Labelling, Unexpected, hand_outs, label, repeat
from benchmarks.figures import Times
from benchmarks.peer_doccano import doccano_start
from benchmarks.peer_label_studio import label_studio_start
from benchmarks.peers import REQUIREMENTS, PeerAbsent
from benchmarks.place import Place

STARTERS: Mapping[str, Callable[..., Any]] = {"label_studio": label_studio_start, "doccano": doccano_start}


class PeerEffort(Protocol):
    """How much of the peers is measured."""

    @property
    def peer_sizes(self) -> tuple[int, ...]: ...
    @property
    def peer_labelled(self) -> int: ...
    @property
    def peer_each(self) -> int: ...
    @property
    def peer_seconds(self) -> float: ...
    @property
    def experts(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def healths(self) -> int: ...


@dataclass
class PeerAtSize:
    """One peer with a project of one size."""

    labelling: Labelling = field(default_factory=Labelling)
    first_page: Times = field(default_factory=Times)
    health: Times = field(default_factory=Times)
    export: Export | None = None
    crowd: HandOuts | None = None


@dataclass
class PeerFindings:
    """What was found of each peer: by size, or why there is nothing."""

    at: dict[str, dict[int, PeerAtSize]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    @classmethod
    def none(cls, reason: str) -> PeerFindings:
        return cls(absent=dict.fromkeys(STARTERS, reason))

    @property
    def about(self) -> dict[str, Any]:
        versions = {"label_studio": REQUIREMENTS["label-studio"][0], "doccano": REQUIREMENTS["doccano"][0]}
        return {name: self.absent.get(name) or versions[name] for name in STARTERS}

    def next(self, size: int) -> dict[str, Any]:
        return self._times(size, lambda at: at.labelling.next)

    def submit(self, size: int) -> dict[str, Any]:
        return self._times(size, lambda at: at.labelling.submit)

    def first_page(self, size: int) -> dict[str, Any]:
        return self._times(size, lambda at: at.first_page)

    def health(self, size: int) -> dict[str, Any]:
        return self._times(size, lambda at: at.health)

    def export(self) -> dict[str, Any]:
        """The largest export of each, in seconds; ``n`` says of how many annotations."""
        return self._each(
            lambda sizes: [
                {"value": round(at.export.total, 2), "n": at.export.n_annotations}
                for at in sizes.values()
                if at.export is not None
            ]
        )

    def duplicates(self) -> dict[str, Any]:
        return self._each(
            lambda sizes: [
                {"value": at.crowd.duplicates, "n": at.crowd.n} for at in sizes.values() if at.crowd is not None
            ]
        )

    def crowd(self, what: str) -> dict[str, Any]:
        return self._each(
            lambda sizes: [getattr(at.crowd, what).summary() for at in sizes.values() if at.crowd is not None]
        )

    def _times(self, size: int, of: Callable[[PeerAtSize], Times]) -> dict[str, Any]:
        """Of the largest project that is not larger than ours; ``tasks`` says how large."""
        found: dict[str, Any] = {name: {"absent": why} for name, why in self.absent.items()}
        for name, sizes in self.at.items():
            fitting = [each for each in sizes if each <= size and of(sizes[each]).samples]
            if fitting:
                found[name] = {**of(sizes[max(fitting)]).summary(), "tasks": max(fitting)}
        return found

    def _each(self, of: Callable[[dict[int, PeerAtSize]], list[dict[str, Any]]]) -> dict[str, Any]:
        found: dict[str, Any] = {name: {"absent": why} for name, why in self.absent.items()}
        for name, sizes in self.at.items():
            values = of(sizes)
            if values:
                found[name] = values[-1]
        return found


def peers_measure(place: Place, effort: PeerEffort) -> PeerFindings:
    """Measure every peer that is here. A peer that breaks off keeps what was measured before, and says why."""
    found = PeerFindings()
    for name, start in STARTERS.items():
        try:
            peer = start(place, n_experts=effort.experts + 1)
        except PeerAbsent as reason:
            found.absent[name] = str(reason)
            print(f"{name}: {reason}", flush=True)
            continue
        sizes = found.at.setdefault(name, {})
        try:
            for size in effort.peer_sizes:
                sizes[size] = PeerAtSize()
                _measure(peer, size, sizes[size], effort)
        except (Unexpected, PeerAbsent, OSError) as failure:
            print(f"{name} broke off: {failure}", flush=True)
            if not any(at.labelling.next.samples for at in sizes.values()):
                found.absent[name] = f"broke off: {failure}"
                del found.at[name]
        finally:
            peer.stop()
    return found


def _measure(peer: Any, size: int, into: PeerAtSize, effort: PeerEffort) -> None:
    peer.fill(n_tasks=size, n_annotated=size // 10)
    client = peer.expert(effort.experts)
    seconds = effort.peer_seconds
    label(peer, client, effort.peer_labelled, into.labelling, seconds=seconds)
    into.first_page = repeat(peer.first_page, client, effort.pages, seconds=seconds / 5)
    into.health = repeat(peer.health, client, effort.healths, seconds=seconds / 5)
    client.close()
    next_wait, submit_wait = into.labelling.next, into.labelling.submit
    print(f"{peer.name} at {size}: next {next_wait.summary()}, submit {submit_wait.summary()}", flush=True)
    if size == min(effort.peer_sizes):
        into.crowd = hand_outs(peer, n_experts=effort.experts, each=effort.peer_each, seconds=seconds)
        print(f"{peer.name}: {into.crowd.duplicates} of {into.crowd.n} hand-outs were duplicates", flush=True)
    if size == max(effort.peer_sizes):
        into.export = peer.export()
        print(f"{peer.name}: {into.export}", flush=True)
