"""How fast tagging is, as a share of the machine's own arithmetic and against starting Python.

    python -m benchmarks.speed --model models/atis --lines FILE [--count 50000] [--million]

Lines are repeated to `--count`. Medians of `--runs` runs, each beside the others' load: nothing else should run.
Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from slotfill.runtime import bundle
from slotfill.runtime.bundle import Bundle, find
from slotfill.runtime.lines import Chunk, utterances
from slotfill.runtime.recorder import Order, Recorder
from slotfill.runtime.tagger import Tagger

_GATES = {"lstm": 4, "gru": 3, "elman": 1, "irnn": 1}
_CHUNK = 4000


def seconds(run: Callable[[], object], runs: int) -> float:
    """The median time of a call."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


_NUMPY = """
import time, numpy
values, times = numpy.random.default_rng(0).random((1024, 1024), dtype="f"), []
for _ in range(30):
    start = time.perf_counter()
    values @ values
    times.append(time.perf_counter() - start)
print(min(times))
"""


def peaks() -> dict[str, float]:
    """Operations a second of one core by library: the best of several float32 products of 1024 x 1024."""
    single = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    numpy = float(subprocess.check_output([sys.executable, "-c", _NUMPY], env=os.environ | single))

    square = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1024, 1024]) for name in "abc"]
    product = helper.make_graph([helper.make_node("MatMul", ["a", "b"], ["c"])], "product", square[:2], square[2:])
    model = helper.make_model(product, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = np.random.default_rng(0).random((1024, 1024), dtype=np.float32)
    best = min(seconds(lambda: session.run(None, {"a": values, "b": values}), 1) for _ in range(30))
    return {"numpy": 2 * 1024**3 / numpy, "onnxruntime": 2 * 1024**3 / best}


def operations(model: Bundle, tagger: Tagger) -> int:
    """Multiplications and additions a word: those of recurrent layers and tag scores alone."""
    network = model.read_json(bundle.CONFIG)["network"]
    if network["cell"] not in _GATES:
        raise SystemExit(f"operations of {network['cell']} are not counted: choose one of {', '.join(_GATES)}")
    hidden: int = network["hidden_size"]
    directions = 1 if network["one_way"] else 2
    width: int = network["word_size"] + network["character_filters"]
    total = 0
    for _ in range(network["layers"]):
        total += directions * 2 * _GATES[network["cell"]] * hidden * (width + hidden)
        width = directions * hidden
    return total + 2 * width * len(tagger.vocabulary.tags)


class Stages:
    """Seconds spent in each stage of tagging."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time added to a stage's."""

        def run(*given: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.spent[name] = self.spent.get(name, 0) + time.perf_counter() - start

        return run


def stages(recorder: Recorder, chunks: Sequence[Chunk]) -> dict[str, float]:
    """Seconds each stage of tagging these chunks takes."""
    found, tagger = Stages(), recorder.tagger
    parts = {
        "_session": ("scores", "network"),
        "_features": ("look_up", "lookup"),
        "_decoder": ("decode_all", "decoding"),
    }
    for part, (method, stage) in parts.items():
        owner = getattr(tagger, part)
        setattr(owner, method, found.timed(stage, getattr(owner, method)))
    read = found.timed("reading, cutting", lambda chunk: utterances(chunk, "", tagger.cut, "fail")[0])
    tag = found.timed("tagging", tagger.tag_batch)
    write = found.timed("writing", lambda tagged: "".join(map(recorder.render, tagged)))
    for chunk in chunks:
        write(tag(read(chunk)))
    for part, (method, _) in parts.items():
        delattr(getattr(tagger, part), method)
    spent = found.spent
    spent["sorting, batches"] = spent.pop("tagging") - sum(spent[stage] for _, stage in parts.values())
    return spent


def child(command: Sequence[str], text: Path | None = None) -> tuple[float, float]:
    """Seconds a command takes, and its own peak memory in MiB."""
    start = time.perf_counter()
    with Path(text or os.devnull).open("rb") as given, Path(os.devnull).open("wb") as nowhere:
        process = subprocess.Popen(command, stdin=given, stdout=nowhere)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - start, _mebibytes(used)


def _mebibytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print(f"\n## {title}\n\n| {' | '.join(columns)} |\n| --- |{' ---: |' * (len(columns) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Speed of tagging.")
    parser.add_argument("--model", required=True, help="a model folder or a name in models/")
    parser.add_argument("--lines", required=True, type=Path, help="utterances, one a line")
    parser.add_argument("--count", default=50_000, type=int, help="how many lines to tag")
    parser.add_argument("--million", action="store_true", help="peak memory of a million lines, too")
    parser.add_argument("--runs", default=5, type=int)
    given = parser.parse_args()

    model = find(given.model)
    recorder = Recorder(Order(model.folder, "jsonl", "lines", "fail", tokenized=False, asked={}))
    own = given.lines.read_bytes().splitlines()
    lines = list(islice(cycle(own), given.count))
    chunks = [Chunk(1 + start, lines[start : start + _CHUNK]) for start in range(0, len(lines), _CHUNK)]
    words = sum(len(recorder.tagger.cut(line.decode()).words) for line in lines)
    print(f"{given.count:,} lines, {words:,} words; model {model.folder}; {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        speed(recorder, model, chunks, words, given.runs, Path(folder))
        memory(model, own, [10_000, 100_000] + [1_000_000] * given.million, Path(folder))
    latency(recorder.tagger, [line.decode() for line in own])
    cold(model, given.runs)
    sizes(model)


def program(model: Bundle, jobs: int = 1) -> list[str]:
    """The command that tags stdin."""
    return [sys.executable, "-m", "slotfill", "tag", "--model", str(model.folder), "--jobs", str(jobs)]


def speed(recorder: Recorder, model: Bundle, chunks: Sequence[Chunk], words: int, runs: int, folder: Path) -> None:
    """Words a second, each stage's part of the time, and the share of the peak."""
    found, each = peaks(), operations(model, recorder.tagger)
    peak = max(found.values())
    told = ", ".join(f"{name} {value / 1e9:.0f}" for name, value in found.items())
    print(f"GEMM peak of one core, GFLOP/s: {told}; the network: {each:,} operations a word")
    text = folder / "lines"
    text.write_bytes(b"".join(line + b"\n" for chunk in chunks for line in chunk.lines))
    stages(recorder, chunks)  # Every word is remembered from here on.
    profiles = [stages(recorder, chunks) for _ in range(runs)]
    spent = {stage: statistics.median(profile[stage] for profile in profiles) for stage in profiles[0]}
    timings = {
        "the network alone": spent["network"],
        "in one process, start-up apart": sum(spent.values()),
        "`slotfill tag`": seconds(lambda: child(program(model), text), runs),
        "`slotfill tag --jobs 2`": seconds(lambda: child(program(model, 2), text), runs),
    }
    rows = [
        [name, f"{words / taken:,.0f}", f"{words * each / taken / peak:.0%}" if "2" not in name else ""]
        for name, taken in timings.items()
    ]
    table("Tagging", ["", "words/s", "share of the peak"], rows)
    total = sum(spent.values())
    rows = [
        [stage, f"{1e6 * taken / words:.2f}", f"{taken / total:.0%}"]
        for stage, taken in sorted(spent.items(), key=lambda item: -item[1])
    ]
    table("Where the time goes", ["", "µs a word", "share"], rows)


def memory(model: Bundle, own: Sequence[bytes], counts: Sequence[int], folder: Path) -> None:
    """Peak memory of tagging more and more lines."""
    rows = []
    for count in counts:
        text = folder / "more"
        with text.open("wb") as file:
            file.writelines(line + b"\n" for line in islice(cycle(own), count))
        taken, peak = child(program(model), text)
        rows.append([f"{count:,}", f"{taken:.1f}", f"{peak:.0f}"])
    table("Peak memory", ["lines", "seconds", "MiB"], rows)


def latency(tagger: Tagger, own: Sequence[str]) -> None:
    """How long a loaded model takes for one utterance."""
    ten = [text for text in own if len(tagger.cut(text).words) == 10]
    rows = []
    for name, texts in (("all", own), ("of 10 words", ten)):
        taken = sorted(1e3 * seconds(partial(_spans, tagger, text), 1) for text in islice(cycle(texts), 2000))
        rows.append([name, f"{statistics.median(taken):.2f}", f"{taken[len(taken) * 99 // 100]:.2f}"])
    table("One utterance, the model loaded", ["", "median, ms", "p99, ms"], rows)


def _spans(tagger: Tagger, text: str) -> object:
    return tagger.tag(text).spans


def cold(model: Bundle, runs: int) -> None:
    """How long one utterance takes from the command line, against what must be loaded."""
    commands = {
        "`slotfill tag`": [*program(model), "fly to taipei"],
        '`python -c "import numpy, onnxruntime"`': [sys.executable, "-c", "import numpy, onnxruntime"],
        '`python -c "import torch"`': [sys.executable, "-c", "import torch"],
    }
    found = {name: [child(command) for _ in range(runs)] for name, command in commands.items()}
    rows = [
        [name, f"{statistics.median(taken for taken, _ in each):.2f}", f"{max(peak for _, peak in each):.0f}"]
        for name, each in found.items()
    ]
    table("Cold start", ["", "seconds", "MiB"], rows)


def sizes(model: Bundle) -> None:
    """The model's files."""
    files = sorted(model.folder.iterdir(), key=lambda file: -file.stat().st_size)
    rows = [[file.name, f"{file.stat().st_size / 1024:,.0f}"] for file in files]
    table("On disk", ["file", "KiB"], rows)


if __name__ == "__main__":
    main()
