"""One word a line with its columns, a blank line after each utterance.

Columns are separated by blanks. The word stands in the first and the tag in the last; or the other way round,
where the file's first row has a tag only in its first. The scheme (IOB1, BIO, IOBES) is detected over the
whole file, and tags are read as BIO. Source: the CoNLL-2000 and CoNLL-2003 shared tasks.

Before its first word an utterance may have comments as in CoNLL-U, `# key = value`; `id` (or `sent_id`),
`text` and `intent` are understood. A line there that begins with `# ` is a row for the word `#` only if it is
no `# key = value` and its last column is a tag. Rows written here have a tab after the word: no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from slotfill.corpus.format import Format
from slotfill.corpus.records import labelled, writable_cell, writable_tags
from slotfill.corpus.schemes import Scheme, detect_scheme, is_tag, to_bio
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.files import BLANKS, is_stream, read_lines, split_blanks

_COMMENT = re.compile(r"# (\S+) = (.*)", re.DOTALL)
_DOCUMENT = "-DOCSTART-"
_OF_AN_UTTERANCE = frozenset({"id", "sent_id", "text", "intent"})


@dataclass
class _Block:
    """One utterance as its file spells it."""

    line: int = 0
    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)

    def is_utterance(self, path: Path, end: int) -> bool:
        """Whether it is an utterance; raise `DataError` if it is one without words, ending at line `end`."""
        if not self.words and self.comments.keys() & _OF_AN_UTTERANCE:
            raise DataError("empty utterance: remove it", path, end)
        return bool(self.words)


class ConllFormat(Format):
    """One word a line, in columns."""

    name = "conll"
    suffixes = (".conll", ".txt", ".bio", ".iob")
    holds = frozenset({"id", "text", "intent"})

    def read(self, path: Path) -> Iterator[Utterance]:
        """Yield the utterances in order, tags as BIO; raise `DataError` at a line that is off."""
        blocks = list(self._blocks(path))  # A pipe can be read but once.
        scheme = detect_scheme(block.tags for block in blocks)
        if not blocks:
            raise DataError("no utterances", path)
        for block in blocks:
            notes = block.comments
            try:
                utterance = labelled(
                    block.words,
                    to_bio(block.tags, scheme),
                    intent=notes.get("intent") or None,
                    id=notes.get("id") or notes.get("sent_id") or None,
                    text=notes.get("text", ""),
                )
                if "text" in notes:
                    utterance.offsets  # noqa: B018 - raises where the text does not hold the words
            except ValueError as error:
                raise DataError(str(error), path, block.line) from None
            yield utterance

    def describe(self, path: Path) -> str | None:
        """Which scheme the tags were read from, where it is not BIO; nothing of a pipe, which is gone once read."""
        if is_stream(path):
            return None
        scheme = detect_scheme(block.tags for block in self._blocks(path))
        return None if scheme is Scheme.BIO else f"{scheme} tags read as BIO"

    def render(self, utterance: Utterance) -> str:
        """Comments, one `word<TAB>tag` a line, a blank line; raise `DataError` if it cannot be read back."""
        if _DOCUMENT in utterance.words:
            raise DataError(f"utterance {utterance.text!r} cannot be written as conll: {_DOCUMENT} is its mark")
        rows = [f"{word}\t{tag}" for word, tag in zip(utterance.words, writable_tags(utterance), strict=True)]
        if utterance.text != " ".join(utterance.words):
            if re.search(r"[\r\n]", utterance.text):
                raise DataError(f"text {utterance.text!r} cannot be written as conll: it holds a line end")
            rows.insert(0, f"# text = {utterance.text}")
        if utterance.intent is not None:
            rows.insert(0, f"# intent = {writable_cell(utterance.intent, 'intent')}")
        if utterance.id is not None:
            rows.insert(0, f"# id = {writable_cell(utterance.id, 'id')}")
        return "\n".join(rows) + "\n\n"

    def write(self, utterances: Iterable[Utterance], path: Path) -> None:
        """As of every format; raise `DataError` if its illegal tags would be read back as another scheme's."""
        kept = list(utterances)
        scheme = detect_scheme(utterance.tags or () for utterance in kept)
        if scheme is not Scheme.BIO:
            raise DataError(f"illegal tags (I- that continues nothing) would be read back as {scheme}", path)
        super().write(kept, path)

    def _blocks(self, path: Path) -> Iterator[_Block]:
        """Yield the utterances as spelled; raise `DataError` at a ragged line or an unknown tag."""
        block = _Block()
        columns = number = 0
        word_column, tag_column = 0, -1
        for number, line in read_lines(path):
            cells = split_blanks(line)
            if not cells or cells[0] == _DOCUMENT:
                if block.is_utterance(path, number):
                    yield block
                block = _Block()
                continue
            if not block.words and line.startswith("# "):
                comment = _COMMENT.fullmatch(line)
                if comment:
                    key, value = comment.groups()
                    block.comments[key] = value if key == "text" else value.strip(BLANKS)
                if comment or not is_tag(cells[-1]):
                    continue
            if not columns:
                columns = len(cells)
                if is_tag(cells[0]) and not is_tag(cells[-1]):
                    word_column, tag_column = -1, 0
            if len(cells) < 2:
                raise DataError(f"no tag beside {line!r}: a line needs a word and its tag", path, number)
            if len(cells) != columns:
                raise DataError(f"{len(cells)} columns, but {columns} in the lines before", path, number)
            if not is_tag(cells[tag_column]):
                kinds = "O, or a slot after B-, I-, E-, L-, S- or U-"
                raise DataError(
                    f"tag {cells[tag_column]!r} is not {kinds}: a line is a word, blanks and its tag", path, number
                )
            if "\r" in cells[word_column]:
                raise DataError(f"word {cells[word_column]!r} holds a line end", path, number)
            block.line = block.line or number
            block.words.append(cells[word_column])
            block.tags.append(cells[tag_column])
        if block.is_utterance(path, number):
            yield block


FORMAT = ConllFormat()
