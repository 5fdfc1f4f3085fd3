"""Labels that stand in a neighbouring column: each of them becomes a slot of its own, and one more what has none."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import replace

from storage.errors import MappingError
from transforms.binding import Slot

__all__ = ["MOST_LABELS", "fold_label", "label_places", "labels_left_out", "with_labels"]

MOST_LABELS = 500
"""So many labels a column of them may have; more are no labels."""


def label_places(slots: Iterable[Slot]) -> list[int]:
    """Positions of the columns that hold labels of others."""
    return sorted({slot.label_place for slot in slots if slot.label_place is not None})


def with_labels(slots: Sequence[Slot], said: Pairs[int, Sequence[str]], *, where: str) -> tuple[Slot, ...]:
    """Give every label a column of labels holds a slot of its own, and one more to what has none.

    Args: said, the distinct labels by the position of their column; where, the file. Raises MappingError when they are
    too many to be labels.
    """
    spread: list[Slot] = []
    for slot in slots:
        if slot.label_place is None:
            spread.append(slot)
            continue
        if len(said[slot.label_place]) > MOST_LABELS:
            what = f'the labels of column "{slot.column}" are {len(said[slot.label_place]):,} different texts'
            remedy = f"Take its label_column out of the mapping: labels are at most {MOST_LABELS}."
            raise MappingError(what, where=where, remedy=remedy)
        folded: dict[str, str] = {}
        for label in filter(fold_label, said[slot.label_place]):
            folded.setdefault(fold_label(label), label.removeprefix("*").strip())
        wanted = {fold_label(label) for label in slot.only_labels}
        for key, label in folded.items():
            if not wanted or key in wanted:
                offered = {fold_label(name): name for name in slot.definition.labels}
                spread.append(replace(slot, said=key, label=None if wanted else offered.get(key, label)))
        if not wanted:
            spread.append(replace(slot, said=""))
    return tuple(replace(slot, number=number) for number, slot in enumerate(spread))


def labels_left_out(slots: Iterable[Slot], said: Pairs[int, Sequence[str]]) -> dict[int, list[str]]:
    """The labels whose values nothing takes, by the position of their column: "Child", where a partner is asked for."""
    wanted: dict[int, set[str]] = {}
    for slot in slots:
        if slot.label_place is not None:
            known = slot.only_labels or said[slot.label_place]
            wanted.setdefault(slot.label_place, set()).update(map(fold_label, known))
    left = {
        place: [label for label in said[place] if fold_label(label) not in known] for place, known in wanted.items()
    }
    return {place: labels for place, labels in left.items() if labels}


def fold_label(label: str) -> str:
    """Fold a label for comparing; Google marks its own with a star."""
    return label.strip().removeprefix("*").strip().lower()
