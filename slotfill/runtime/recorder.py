"""Lines in, records out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from slotfill.corpus import formats
from slotfill.corpus.utterance import Utterance
from slotfill.errors import DataError
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.confidence import CertaintyOptions
from slotfill.runtime.lines import Chunk, OnError, Reads, from_tokenized, utterances
from slotfill.runtime.tagger import Tagger


@dataclass(frozen=True)
class RecorderConfig:
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
    asked: CertaintyOptions


class Records(NamedTuple):
    """What became of a chunk: its records as one text, and what is wrong with its bad lines, in their order."""

    text: str
    errors: list[DataError]


class Recorder:
    """A model that turns lines into records.

    Attributes:
        config: how.
        tagger: the model.
        render: a tagged utterance as a record.

    Raises `ArtifactError` if the model is damaged, `UsageError` if there is no such format.
    """

    def __init__(self, config: RecorderConfig) -> None:
        self.config = config
        self.tagger = Tagger.open(config.model)
        self.render = formats.load(config.format).render
        self._tokenize = from_tokenized if config.tokenized else self.tagger.tokenize

    def __call__(self, chunk: Chunk) -> Records:
        """The records of a chunk, one a line, in their order.

        A line whose record the format cannot hold is as bad as one that is not UTF-8.
        """
        source, on_error = self.config.source, self.config.on_error
        read, errors = utterances(chunk, source, self._tokenize, on_error, self.config.reads)
        faults = {error.line: error for error in errors}
        records = []
        for number, utterance in zip(read, self.tagger.tag_batch([*read.values()], **self.config.asked), strict=True):
            line, fault = chunk.lines[number - chunk.first], faults.get(number)
            try:
                record = self._with_extra_keys(self.render(utterance), line, fault)
            except DataError as error:
                fault = DataError(str(error), source, number)
                errors.append(fault)
                if on_error == "fail":
                    break
                if on_error == "skip":
                    continue
                record = self._with_extra_keys(self._empty(utterance.id, number), None, fault)
            records.append(record)
        return Records("".join(records), sorted(errors, key=lambda error: error.line or 0))

    def _with_extra_keys(self, record: str, line: bytes | None, fault: DataError | None) -> str:
        """A JSON record with what else its line said, if that was JSON as well, and what was wrong with the line."""
        if self.config.format != "jsonl" or (self.config.reads != "jsonl" and fault is None):
            return record
        from slotfill.corpus.formats import jsonl

        others = jsonl.extra_keys_of((line or b"").decode(errors="replace")) if self.config.reads == "jsonl" else {}
        return jsonl.with_extra_keys(record, others if fault is None else others | {"error": str(fault)})

    def _empty(self, id: str | None, number: int) -> str:  # noqa: A002 - the field's name
        """An empty record with this id; with the line's number where the id is what the format cannot hold."""
        try:
            return self.render(Utterance((), (), id=id))
        except DataError:
            return self.render(Utterance((), (), id=str(number)))
