"""Lines in, records out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.confidence import Asked
from slotfill.runtime.lines import Chunk, OnError, Reads, split_at_blanks, utterances
from slotfill.runtime.tagger import Tagger


@dataclass(frozen=True)
class Order:
    """How lines are to become records; it can be sent to another process.

    Attributes:
        model: what tags; other processes get its files from this one, whatever becomes of its folder.
        format: a file name in `corpus/formats`.
        source: what to call the lines' source in messages.
        on_error: what to do at a line that cannot be read, or that the format cannot hold; see `lines.utterances`.
        tokenized: whether words are separated by blanks already.
        reads: what a line is.
        asked: what to tell beside the tags.
    """

    model: Bundle
    format: str
    source: str
    on_error: OnError
    tokenized: bool
    reads: Reads
    asked: Asked


class Records(NamedTuple):
    """What became of a chunk: its records as one text, and what is wrong with its bad lines, in their order."""

    text: str
    errors: list[DataError]


class Recorder:
    """A model that turns lines into records.

    Attributes:
        order: how.
        tagger: the model.
        render: a tagged utterance as a record.

    Raises `ArtifactError` if the model is damaged, `UsageError` if there is no such format.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.tagger = Tagger.open(order.model)
        self.render = formats.load(order.format).render
        self._cut = split_at_blanks if order.tokenized else self.tagger.cut

    def __call__(self, chunk: Chunk) -> Records:
        """The records of a chunk, one a line, in their order.

        A line whose record the format cannot hold is as bad as one that is not UTF-8.
        """
        source, on_error = self.order.source, self.order.on_error
        read, errors = utterances(chunk, source, self._cut, on_error, self.order.reads)
        faults = {error.line: error for error in errors}
        records = []
        for number, utterance in zip(read, self.tagger.tag_batch([*read.values()], **self.order.asked), strict=True):
            line, fault = chunk.lines[number - chunk.first], faults.get(number)
            try:
                record = self._with_others(self.render(utterance), line, fault)
            except DataError as error:
                fault = DataError(str(error), source, number)
                errors.append(fault)
                if on_error == "fail":
                    break
                if on_error == "skip":
                    continue
                record = self._with_others(self._empty(utterance.id, number), None, fault)
            records.append(record)
        return Records("".join(records), sorted(errors, key=lambda error: error.line or 0))

    def _with_others(self, record: str, line: bytes | None, fault: DataError | None) -> str:
        """A JSON record with what else its line said, if that was JSON as well, and what was wrong with the line."""
        if self.order.format != "jsonl" or (self.order.reads != "jsonl" and fault is None):
            return record
        from slotfill.corpus.formats import jsonl

        others = jsonl.others_of((line or b"").decode(errors="replace")) if self.order.reads == "jsonl" else {}
        return jsonl.with_others(record, others if fault is None else others | {"error": str(fault)})

    def _empty(self, id: str | None, number: int) -> str:  # noqa: A002 - the field's name
        """An empty record with this id; with the line's number where the id is what the format cannot hold."""
        try:
            return self.render(Utterance((), (), id=id))
        except DataError:
            return self.render(Utterance((), (), id=str(number)))
