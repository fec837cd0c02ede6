"""One record a line: id, words, tags, intent, with tabs between; words and tags are joined by spaces."""

from __future__ import annotations

from slotfill.corpus.formats._lines import LineFormat
from slotfill.corpus.records import labelled, writable_cell, writable_tags
from slotfill.corpus.utterance import Utterance
from slotfill.files import BLANKS, split_blanks


class TsvFormat(LineFormat):
    """Four cells without a header. An empty id or intent is an unknown one."""

    name = "tsv"
    suffixes = (".tsv",)
    holds = frozenset({"id", "intent"})

    def parse(self, line: str) -> Utterance:
        """The utterance of one line; raise `ValueError` if it is not four cells or words and tags differ."""
        cells = [cell.strip(BLANKS) for cell in line.split("\t")]
        if len(cells) != 4:
            raise ValueError(
                f"{len(cells)} cells where id, words, tags and intent make 4; "
                "a file with one word a line is conll: call it .conll"
            )
        name, words, tags, intent = cells
        return labelled(split_blanks(words), split_blanks(tags), intent=intent or None, id=name or None)

    def render(self, utterance: Utterance) -> str:
        """One line; raise `DataError` if the utterance has no tags or a cell holds a tab or line end."""
        name = "" if utterance.id is None else writable_cell(utterance.id, "id")
        intent = "" if utterance.intent is None else writable_cell(utterance.intent, "intent")
        tags = writable_tags(utterance)
        return "\t".join((name, " ".join(utterance.words), " ".join(tags), intent)) + "\n"


FORMAT = TsvFormat()
