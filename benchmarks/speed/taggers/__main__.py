"""A tagger as a process of its own, which holds nothing but that tagger.

python -m benchmarks.speed.taggers NAME train FOLDER CORPUS DATA_DIR
python -m benchmarks.speed.taggers NAME tag FOLDER [TEXT]              without TEXT: stdin
python -m benchmarks.speed.taggers NAME measure FOLDER LINES RUNS      prints JSON, see `measure`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path

from benchmarks.speed.children import median_seconds
from benchmarks.speed.taggers import CHUNK, Tagger
from slotfill.corpus.words import split_words

_UTTERANCES = 2000
_WORDS = 10


def main(name: str, action: str, folder: Path, rest: Sequence[str]) -> None:
    """Do what the command line says."""
    module = import_module(f"benchmarks.speed.taggers.{name}")
    if action == "train":
        from slotfill.cli._console import say
        from slotfill.corpus.splits import open_corpus, training_splits

        corpus, data_dir = rest
        module.train(*training_splits(open_corpus(corpus, Path(data_dir)), say), folder)
    elif action == "tag":
        tagger = module.load(folder)
        lines = iter([text.encode() for text in rest] or sys.stdin.buffer)
        while chunk := [line.rstrip(b"\n") for line in islice(lines, CHUNK)]:
            sys.stdout.write(tagger.records(chunk))
    else:
        import json

        file, runs = rest
        json.dump(measure(module.load(folder), Path(file).read_bytes().splitlines(), int(runs)), sys.stdout)


def measure(tagger: Tagger, lines: Sequence[bytes], runs: int) -> dict[str, float]:
    """How fast a loaded tagger is, from raw lines to JSON lines.

    Returns:
        `seconds`: of all lines, the median; `median_ms`, `p99_ms`: of one utterance of 10 words alone, over 2000.
    """
    import statistics

    tagger.records(lines[:CHUNK])
    seconds = median_seconds(lambda: tagger.pass_over(lines), runs)
    alone = []
    for line in islice(cycle(_of_ten_words(lines)), _UTTERANCES):
        start = time.perf_counter()
        tagger.records([line])
        alone.append(1e3 * (time.perf_counter() - start))
    alone.sort()
    return {
        "seconds": seconds,
        "median_ms": statistics.median(alone),
        "p99_ms": alone[len(alone) * 99 // 100],
    }


def _of_ten_words(lines: Sequence[bytes]) -> list[bytes]:
    """The lines of ten words; where there is none, lines that are made of the words of all, over and over."""
    cut = [split_words(line.decode()) for line in lines]
    if found := [line for line, words in zip(lines, cut, strict=True) if len(words) == _WORDS]:
        return found
    words = [word for each in cut for word in each]
    endless = cycle(words)
    return [" ".join(islice(endless, _WORDS)).encode() for _ in range(max(1, len(words) // _WORDS))]


if __name__ == "__main__":
    # No tagger here needs torch; spaCy would load it where it is installed, and look slower and larger than it is.
    sys.modules["torch"] = None  # type: ignore[assignment]
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
