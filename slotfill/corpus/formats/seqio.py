"""A folder with `seq.in`, `seq.out` and, where intents are known, `label`: line i of each is utterance i.

Words and tags are separated by blanks; stray blanks at a line's ends are no words. An intent is kept as
written, also where ATIS joins several by `#`. Source: the ATIS and SNIPS files of Goo et al. (2018).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from slotfill.corpus.format import Format
from slotfill.corpus.records import labelled, writable_cell, writable_tags
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.files import BLANKS, atomic_folder, read_lines, split_blanks, with_first_kept

WORDS, TAGS, INTENTS = FILES = "seq.in", "seq.out", "label"


class SeqioFormat(Format):
    """Three aligned files in one folder."""

    name = "seqio"
    is_folder = True
    holds = frozenset({"intent"})

    def read(self, path: Path) -> Iterator[Utterance]:
        """Yield one utterance a line; raise `DataError` if the files differ in length or a line is ragged."""
        if not path.is_dir():
            raise DataError(f"is no folder; seqio is a folder with {WORDS}, {TAGS} and, if known, {INTENTS}", path)
        words, tags = _lines(path / WORDS), _lines(path / TAGS)
        intents = _lines(path / INTENTS) if (path / INTENTS).exists() else None
        for name, lines in ((TAGS, tags), (INTENTS, intents)):
            if lines is not None and len(lines) != len(words):
                raise DataError(f"{len(lines)} lines, but {WORDS} has {len(words)}", path / name)
        if not words:
            raise DataError("no utterances", path / WORDS)
        for i in range(len(words)):
            yield _utterance(path, i + 1, words[i], tags[i], None if intents is None else intents[i])

    def write(self, utterances: Iterable[Utterance], path: Path) -> None:
        """Write the folder, whole or not at all; raise `DataError` if only some utterances have an intent."""
        utterances = list(utterances)
        known = sum(utterance.intent is not None for utterance in utterances)
        if known not in (0, len(utterances)):
            raise DataError(
                f"{known} of {len(utterances)} utterances have an intent: seqio holds all or none; use jsonl"
            )
        columns = {
            WORDS: (" ".join(utterance.words) for utterance in utterances),
            TAGS: (" ".join(writable_tags(utterance)) for utterance in utterances),
        }
        if known:
            columns[INTENTS] = (writable_cell(utterance.intent or "", "intent") for utterance in utterances)
        with atomic_folder(path) as folder:
            for name, lines in columns.items():
                with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
                    file.writelines(with_first_kept(f"{line}\n" for line in lines))


def _lines(path: Path) -> list[str]:
    return [line for _, line in read_lines(path)]


def _utterance(path: Path, number: int, words: str, tags: str, intent: str | None) -> Utterance:
    """One line of each file; raise `DataError` naming the file and line that is off."""
    cut, spelled = split_blanks(words), split_blanks(tags)
    if not cut:
        raise DataError("empty utterance: remove it", path / WORDS, number)
    if len(cut) != len(spelled):
        raise DataError(f"{len(cut)} words in {WORDS} but {len(spelled)} tags", path / TAGS, number)
    if intent is not None and not (intent := intent.strip(BLANKS)):
        raise DataError("no intent on this line", path / INTENTS, number)
    try:
        return labelled(cut, spelled, intent=intent)
    except ValueError as error:
        # A word may still hold a carriage return; whatever else is wrong, is wrong with a tag.
        raise DataError(str(error), path / (WORDS if "\r" in words else TAGS), number) from None


FORMAT = SeqioFormat()
