"""The benchmark of speed: what it counts, and that it runs."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from benchmarks.speed import __main__ as speed
from benchmarks.speed import eight_bits, footprint, growth, peak, report, tagging, training, training_cache
from benchmarks.speed.children import Taken, child
from benchmarks.speed.growth import Curve, curves, untrained
from benchmarks.speed.picture import growth_picture
from benchmarks.speed.report import Table
from benchmarks.speed.subject import Subject, train_default
from benchmarks.speed.taggers import Tagger as Measured
from benchmarks.speed.taggers import __main__ as taggers
from benchmarks.speed.tagging import STAGES, Stopwatch, stages
from slotfill.config import NetworkConfig, TrainingConfig
from slotfill.corpus.splits import Corpus
from slotfill.corpus.utterance import Utterance
from slotfill.errors import UsageError
from slotfill.learning.quantisation import LossyError
from slotfill.runtime.bundle import Bundle
from slotfill.runtime.tagger import Tagger
from tests.conftest import ROOT


def test_operations_are_two_for_each_weight_that_a_word_meets() -> None:
    gates, states, inputs, hidden, tags = 4, 2 * 128, 128 + 64, 128, 120
    of_words, of_states = 2 * inputs * 2 * gates * hidden, 2 * states * (gates * hidden + tags)
    forward = of_words + of_states
    assert peak.operations(NetworkConfig(), tags) == forward
    assert peak.remembered_operations(NetworkConfig()) == of_words
    assert peak.training_operations(NetworkConfig(), tags) == 3 * (forward + 2 * tags * tags)
    assert peak.training_operations(NetworkConfig(crf=False), tags) == 3 * forward


def test_shares_are_of_the_peak_of_so_many_cores_and_done_leaves_out_what_is_remembered(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peak, "peak", lambda cores: cores * 1e9)
    gates, states, inputs, hidden = 4, 2 * 24, 16 + 12, 24
    of_words, of_states = 2 * inputs * 2 * gates * hidden, 2 * states * (gates * hidden + subject.tags)
    every, done = subject.shares(50_000, cores=2)
    assert every == pytest.approx((of_words + of_states) * 50_000 / 2e9)
    assert done == pytest.approx(of_states * 50_000 / 2e9)


def clock(taken: Iterable[float]) -> Iterator[float]:
    """What a clock shows at the start and the end of calls that take so long."""
    now = 0.0
    for seconds in taken:
        yield now
        now += seconds
        yield now


def test_a_loaded_tagger_is_told_by_medians_and_of_utterances_of_ten_words(monkeypatch: pytest.MonkeyPatch) -> None:
    tagged: list[Sequence[bytes]] = []

    class Counted(Measured):
        def tag(self, utterances: Sequence[Utterance]) -> list[Utterance]:
            return list(utterances)

        def records(self, lines: Sequence[bytes]) -> str:
            tagged.append(lines)
            return ""

    ten = b"a b c d e f g h i j"
    shown = clock([7.0, 1.0, 3.0, *(number / 1e3 for number in range(2000, 0, -1))])
    monkeypatch.setattr("time.perf_counter", lambda: next(shown))
    found = taggers.measure(Counted(), [b"a b", ten], 3)
    assert found == pytest.approx({"seconds": 3.0, "median_ms": 1000.5, "p99_ms": 1981.0})
    assert tagged == [[b"a b", ten]] * 4 + [[ten]] * 2000


def test_where_no_utterance_has_ten_words_ten_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    tagged: list[Sequence[bytes]] = []
    monkeypatch.setattr(Measured, "records", lambda _, lines: tagged.append(lines) or "")
    monkeypatch.setattr(Measured, "__abstractmethods__", frozenset())
    taggers.measure(Measured(), [b"a b c", b"d 5pm", *[b"e"] * 14], 1)
    assert tagged[2:5] == [[b"a b c d 5 pm e e e e"], [b"e e e e e e e e e e"], [b"a b c d 5 pm e e e e"]]
    tagged.clear()
    taggers.measure(Measured(), [b"a b c"], 1)
    assert tagged[2:] == [[b"a b c a b c a b c a"]] * 2000


def test_memory_is_that_of_the_child_and_not_of_who_starts_it() -> None:
    held = np.ones(40 << 20, dtype=np.float64)
    assert child([sys.executable, "-S", "-c", "pass"]).mebibytes < 60
    del held


def test_a_child_that_fails_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="failed"):
        child([sys.executable, "-c", "raise SystemExit(3)"])


def test_an_interruption_ends_a_child_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = tmp_path / "held"
    program = "import fcntl, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, 2); file.write('1'); "
    program += "file.flush(); time.sleep(60)"

    def interrupted(*_: object, **__: object) -> None:
        while not (held.exists() and held.read_text()):
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        child([sys.executable, "-S", "-c", program, str(held)])
    with held.open() as file:
        for _ in range(500):  # A process that is killed needs a moment to end.
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)
            else:
                return
    pytest.fail("the child goes on")


def test_a_stage_within_another_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter([0.0, 1.0, 4.0, 9.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(shown))
    watch = Stopwatch()
    inner = watch.timed("inner", lambda: None)
    watch.timed("outer", inner)()
    assert watch.spent == {"inner": 3.0, "outer": 6.0}


def test_every_stage_of_tagging_is_passed_and_tagging_is_itself_again_afterwards(subject: Subject) -> None:
    before = [getattr(owner, name) for owner, name in STAGES.values()]
    spent = stages(subject.model.folder, subject.lines, 1)
    # Flights have intents, so that stage is passed as well.
    assert set(spent) == set(STAGES)
    assert all(seconds >= 0 for seconds in spent.values())
    assert [getattr(owner, name) for owner, name in STAGES.values()] == before


def test_a_training_is_told_per_cell_and_as_a_whole(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.CELLS, "names", lambda: ["lstm"])
    threads = torch.get_num_threads()
    try:
        (row,) = training.cells_table(subject, 1).rows
    finally:
        torch.set_num_threads(threads)
    assert row[0] == "`lstm`"
    assert all(value > 0 for value in row[1:])

    taken = Taken(seconds=100.0, cpu_seconds=150.0, mebibytes=200.0)
    whole = training.whole_table(replace(subject, training=training_cache.Training(subject.model.folder, taken)))
    (found,) = whole.to_json()["rows"]
    epochs = len((subject.model.folder / "history.jsonl").read_text().splitlines())
    assert (found["epochs"], found["seconds"], found["CPU seconds"]) == (epochs, 100.0, 150.0)
    assert 0 < found["evaluation's share of an epoch"] < 1
    assert found["seconds to dev F1 95"] < 100
    assert 0 < found["of the peak, whole run"] < 1

    monkeypatch.setattr(training, "cores", lambda: 2)
    monkeypatch.setattr(training, "peak", lambda cores: 1e11 * cores)
    both = replace(subject, training=training_cache.Training(subject.model.folder, taken))
    alone = training_cache.Training(subject.model.folder, replace(taken, seconds=125.0))
    two, one = training.whole_table(both, alone).to_json()["rows"]
    assert (two["threads"], one["threads"], one["seconds"]) == (2, 1, 125.0)
    assert one["of the peak, whole run"] == pytest.approx(2 * two["of the peak, whole run"] * 100 / 125)


def test_an_epochs_words_are_those_of_the_values_that_it_swaps_in() -> None:
    short, long = (Utterance(("to", *value), ("O", "B-c", "I-c", "I-c")[: 1 + len(value)]) for value in ("a", "bcd"))
    utterances = [*[short] * 999, long]
    plain = TrainingConfig(slot_swap=None, invented_values=None)
    assert training.words_met(utterances, plain) == 999 * 2 + 4
    # Half of the values are drawn from two of one word and of three: two words in the mean.
    swapped = training.words_met(utterances, replace(plain, slot_swap=0.5))
    assert swapped == pytest.approx(1000 * (1 + (1 + 2) / 2), rel=0.02)


def test_evaluation_is_what_learning_the_words_met_leaves_of_an_epoch(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = shutil.copytree(subject.model.folder, tmp_path / "model")
    epochs = [{"dev_f1": 0.5, "words_per_second": 100, "seconds": seconds} for seconds in (10.0, 20.0)]
    (model / "history.jsonl").write_text("".join(f"{json.dumps(epoch)}\n" for epoch in epochs))
    monkeypatch.setattr(training, "words_met", lambda *_: 800)
    whole = training.whole_table(replace(subject, training=training_cache.Training(model, Taken(25.0, 25.0, 100.0))))
    (found,) = whole.to_json()["rows"]
    assert found["evaluation's share of an epoch"] == pytest.approx(1 - 2 * 800 / 100 / 20)
    assert found["words/s of the epochs"] == pytest.approx(100)


def test_what_is_held_out_for_dev_is_told_on_stderr_and_not_among_the_tables(
    subject: Subject, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_dev = replace(subject, corpus=Corpus("c", {"train": subject.corpus.split("train")}))
    training.whole_table(
        replace(without_dev, training=training_cache.Training(subject.model.folder, Taken(1.0, 1.0, 1.0)))
    )
    monkeypatch.setattr(eight_bits, "quantise", Mock(side_effect=LossyError))
    eight_bits.table(without_dev)
    monkeypatch.setattr(training.CELLS, "names", list)
    training.cells_table(without_dev, 1)
    monkeypatch.setattr(taggers, "import_module", lambda _: Mock())
    taggers.main("peer", "train", tmp_path, [str(folder / "train.jsonl"), "data"])
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("held out as dev") == 4


def test_the_default_recipe_is_trained_on_the_processor_whose_peak_it_is_held_against(
    flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(training_cache, "RESULTS", tmp_path)
    monkeypatch.setattr(training_cache, "child", lambda command: begun.extend(command) or Taken(1.0, 1.0, 1.0))
    train_default(Corpus("flights", {"train": flights}), "flights", tmp_path, anew=False)
    assert begun[begun.index("--device") + 1] == "cpu"
    assert "--threads" not in begun
    train_default(Corpus("flights", {"train": flights}), "flights", tmp_path, anew=False, threads=1)
    assert begun[begun.index("--threads") + 1] == "1"  # Another training than the first, which is kept.


def test_a_line_is_an_utterance_whatever_its_text_holds_and_a_word_what_the_model_takes_for_one(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Utterance(("fly", "at", "5", "pm"), ("O",) * 4, text="fly\r\nat 5pm")
    changed = replace(subject, corpus=Corpus("odd", {"test": [odd]}), count=8)
    assert changed.lines == [b"fly at 5pm"] * 8
    assert changed.text.read_bytes() == b"fly at 5pm\n" * 8
    assert changed.words == 8 * 4
    timed: list[Sequence[bytes]] = []
    monkeypatch.setattr(growth, "_seconds", lambda tagger, lines, *_: timed.append(lines) or 1.0)
    for sizes in ("TAGS", "UNITS"):
        monkeypatch.setattr(growth, sizes, ())
    monkeypatch.setattr(growth, "WORDS", (3, 8))
    curves(changed, most_lines=1)
    threes = [b"fly at 5", b"pm fly at", b"5 pm fly", b"at 5 pm"]
    assert timed == [(threes * 3)[:10], [b"fly at 5 pm fly at 5 pm"] * 4]


def test_a_corpus_is_named_so_that_it_is_found_from_elsewhere_and_not_what_is_called_like_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert speed._named("flights", folder.parent) == "flights"
    (tmp_path / "flights").mkdir()
    assert speed._named("flights", folder.parent) == "flights"
    shutil.copy(folder / "test.jsonl", tmp_path / "flights")
    assert speed._named("flights", folder.parent) == str(tmp_path / "flights")


def test_tagging_is_told_by_the_words_of_each_timing_its_cores_and_each_stages_part(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peak, "peak", lambda cores: cores * 1e9)
    monkeypatch.setattr(tagging, "stages", lambda *_: {"network": 1.0, "writing": 3.0})
    loaded = {"seconds": 2.0, "median_ms": 0.25, "p99_ms": 0.5}
    monkeypatch.setattr(tagging, "measured", lambda *_: loaded)
    monkeypatch.setattr(tagging, "child", lambda command, _: Taken(100.0 / int(command[-1]), 1.0, 1.0))
    whole, alone, parts = (table.to_json() for table in tagging.tables(subject))
    speeds = [subject.words / 1, subject.words / 2, 40 * subject.words / 100, 40 * subject.words / 50]
    assert [row["words/s"] for row in whole["rows"]] == speeds
    shares = [subject.shares(speed, cores) for speed, cores in zip(speeds, (1, 1, 1, 2), strict=True)]
    assert [(row["of the peak"], row["done"]) for row in whole["rows"]] == shares
    assert "two processes: 2.00 times as fast" in whole["note"]
    assert alone["rows"] == [{"median, ms": 0.25, "p99, ms": 0.5}]
    assert [(row["stage"], row["share"]) for row in parts["rows"]] == [("writing", 0.75), ("network", 0.25)]
    assert parts["rows"][1]["µs a word"] == pytest.approx(1e6 / subject.words)


def test_the_peak_is_two_operations_for_each_product_of_the_larger_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "output", lambda _, threads: b"0.5" if set(threads.values()) == {"3"} else b"9")
    monkeypatch.setattr(peak, "_fastest_of_onnxruntime", lambda cores: 0.25 if cores == 3 else 9)
    peak.peaks.cache_clear()
    try:
        assert peak.peaks(3) == {"numpy": 2 * 1024**3 / 0.5, "onnxruntime": 2 * 1024**3 / 0.25}
        assert peak.peak(3) == 2 * 1024**3 / 0.25
    finally:
        peak.peaks.cache_clear()


def test_a_share_of_the_peak_counts_each_word_of_training_and_of_each_evaluation(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "peak", lambda _: 1e9)
    monkeypatch.setattr(training, "words_met", lambda *_: 800)
    monkeypatch.setattr(training, "words_per_second", lambda *_: (1000.0, 7))
    monkeypatch.setattr(training.CELLS, "names", lambda: ["gru", "lstm"])
    (_, speed, billions, share, *_), _ = training.cells_table(subject, 1).rows
    wanted = peak.training_operations(NetworkConfig(cell="gru"), 7) * 1000 / 1e9
    assert (speed, billions, share) == (1000.0, pytest.approx(wanted), pytest.approx(wanted))
    taken = Taken(seconds=10.0, cpu_seconds=1.0, mebibytes=1.0)
    whole = training.whole_table(replace(subject, training=training_cache.Training(subject.model.folder, taken)))
    (found,) = whole.to_json()["rows"]
    each = 800 * peak.training_operations(subject.network, subject.tags)
    each += sum(len(one.words) for one in subject.corpus.split("dev")) * peak.operations(subject.network, subject.tags)
    assert found["of the peak, whole run"] == pytest.approx(found["epochs"] * each / 10 / 1e9)


def test_a_cold_start_is_the_median_without_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = iter([Taken(seconds, 0, 0) for seconds in (99.0, 1.0, 7.0, 2.0)])
    monkeypatch.setattr(footprint, "child", lambda _: next(taken))
    assert footprint.cold_seconds(["a"], 3) == 2.0


def test_a_power_law_is_found_again() -> None:
    points = [(size, 3 * size**1.5) for size in (10, 100, 1000)]
    curve = Curve("more", "things", "seconds", points)
    assert curve.exponent == pytest.approx(1.5)
    assert curve.table().note == "seconds grows as things to the power of 1.50."


def test_a_single_point_has_no_power_law() -> None:
    curve = Curve("more", "things", "seconds", [(10, 1.0)])
    assert curve.exponent is None
    assert curve.table().note == ""
    assert growth_picture([curve], "flights").startswith(b"\x89PNG")


def test_an_untrained_tagger_has_the_tags_asked_for_and_needs_no_search(model: Path) -> None:
    tagger = untrained(Tagger.open(Bundle(model)).vocabulary, NetworkConfig(hidden_size=16), 10)
    assert len(tagger.vocabulary.tags) == 10
    assert set(tagger.tag("fly from oslo to lima").tags or ()) == {"O"}


def test_growth_is_measured_and_drawn(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    for sizes in ("WORDS", "TAGS", "UNITS"):
        monkeypatch.setattr(f"benchmarks.speed.growth.{sizes}", (16, 32))
    monkeypatch.setattr("benchmarks.speed.growth.LINES", (100, 200, 10_000))
    found = curves(subject, most_lines=1000)
    assert [[size for size, _ in curve.points] for curve in found] == [[100, 200], [16, 32], [16, 32], [16, 32]]
    assert growth_picture(found, "flights").startswith(b"\x89PNG")


def test_a_table_is_written_with_each_columns_format_and_gaps() -> None:
    table = Table("Title", {"": "", "words/s": ",.0f", "share": ".0%"}, [["a", 1234.5, None]], "A note.")
    assert (
        table.markdown() == "## Title\n\nA note.\n\n|  | words/s | share |\n| --- | ---: | ---: |\n| a | 1,234 |  |\n"
    )
    assert table.to_json()["rows"] == [{"": "a", "words/s": 1234.5, "share": None}]


def test_the_command_is_told_so_that_it_can_be_typed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["speed", "--output", "a folder"])
    assert report.command() == "python -m benchmarks.speed --output 'a folder'"


def test_a_training_is_kept_until_its_settings_or_its_corpus_change(
    flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_cache, "RESULTS", tmp_path)
    made: list[Path] = []

    def command(model: Path) -> list[str]:
        made.append(model)
        return [sys.executable, "-S", "-c", f"open({str(model)!r}, 'w').close()"]

    one, other = (Corpus("flights", {"train": part}) for part in (flights, flights[1:]))
    first = training_cache.cached_training("peer", one, {"a": 1}, command)
    assert first.model.exists()
    assert training_cache.cached_training("peer", one, {"a": 1}, command) == first
    assert len(made) == 1
    for corpus, settings, anew in ((one, {"a": 2}, False), (other, {"a": 1}, False), (one, {"a": 1}, True)):
        training_cache.cached_training("peer", corpus, settings, command, anew=anew)
    assert len(made) == 4
    assert len(list(tmp_path.iterdir())) == 3


def test_a_training_stays_until_the_new_one_is_whole(
    flights: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_cache, "RESULTS", tmp_path)
    corpus = Corpus("flights", {"train": flights})

    def printing(text: str) -> Callable[[Path], list[str]]:
        program = f"import sys; open(sys.argv[1], 'w').write({text!r}); {text}"
        return lambda model: [sys.executable, "-S", "-c", program, str(model)]

    first = training_cache.cached_training("peer", corpus, {}, printing("1"))
    with pytest.raises(SystemExit, match="failed"):
        training_cache.cached_training("peer", corpus, {}, printing("1/0"), anew=True)
    assert first.model.read_text() == "1"
    assert training_cache.cached_training("peer", corpus, {}, printing("2")) == first
    assert training_cache.cached_training("peer", corpus, {}, printing("3"), anew=True).model.read_text() == "3"
    assert list(tmp_path.iterdir()) == [first.model.parent]


def test_a_cold_start_is_set_against_what_must_be_loaded(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "cold_seconds", lambda command, runs: 3.0 if "torch" in command[-1] else 0.5)
    own, numpy, onnxruntime, imported_torch = footprint.cold(subject).rows
    assert own[1:] == numpy[1:] == onnxruntime[1:] == [0.5, 1.0]
    assert imported_torch[1:] == [3.0, 1 / 6]


def test_peak_memory_is_told_for_each_count_of_lines(subject: Subject) -> None:
    rows = footprint.memory(subject, [10, 20]).rows
    assert [row[0] for row in rows] == [10, 20]
    assert all(10 < row[2] < 500 for row in rows)


def test_a_model_with_8_bit_weights_is_set_beside_itself(subject: Subject) -> None:
    trained, small = eight_bits.table(subject).to_json()["rows"]
    assert [trained["weights"], small["weights"]] == ["as trained", "8 bits"]
    assert small["model.onnx, KiB"] < 0.7 * trained["model.onnx, KiB"]
    assert all(value > 0 for row in (trained, small) for value in list(row.values())[1:])


def test_8_bit_weights_that_are_refused_end_no_benchmark(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotfill.learning.quantisation.LARGEST_LOSS", -1)
    (row,) = eight_bits.table(subject).to_json()["rows"]
    assert row["refused"].startswith("with 8-bit weights dev F1 falls from 100.00 to")


def test_a_model_of_another_corpus_has_no_8_bit_weights_and_ends_no_benchmark(
    subject: Subject, flights: list[Utterance]
) -> None:
    other = replace(subject, corpus=Corpus("other", {"train": flights[1:], "dev": flights, "test": flights}))
    (row,) = eight_bits.table(other).to_json()["rows"]
    assert "not the corpus 'flights'" in row["refused"]


def test_an_unknown_section_is_refused_with_the_choices() -> None:
    with pytest.raises(UsageError, match="no section 'weight': choose from peak, training"):
        speed.parser().parse_args(["--only", "peak,weight"])


def test_the_benchmark_prints_and_writes_what_it_measures(
    folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = torch.get_num_threads()
    options = ["--corpus", folder, "--model", model, "--count", 60, "--runs", 1, "--output", tmp_path / "out"]
    options += ["--only", "peak,tagging,sizes"]
    monkeypatch.setattr(sys, "argv", ["speed", *map(str, options)])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "speed.png").touch()
    speed.main()
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"speed.md", "speed.json"}, (
        "an earlier run's picture"
    )
    assert torch.get_num_threads() == threads
    told = json.loads((tmp_path / "out" / "speed.json").read_text())
    assert f"--model {model}" in told["command"]
    assert told["machine"]["cores"]
    titles = [table["title"] for table in told["tables"]]
    assert titles[0] == "GEMM peak, GFLOP/s"
    assert {"On disk", "Where the time goes"} < set(titles)
    printed = capsys.readouterr().out
    assert printed.rstrip() == (tmp_path / "out" / "speed.md").read_text().rstrip()
    assert told["command"] in printed


def test_a_tagger_in_a_process_of_its_own_tags_stdin_and_arguments(model: Path) -> None:
    program = [sys.executable, "-m", "benchmarks.speed.taggers", "slotfill", "tag", str(model)]
    by_stdin = subprocess.run(program, input=b"fly from oslo to lima\n", capture_output=True, check=True, cwd=ROOT)
    by_argument = subprocess.run([*program, "fly from oslo to lima"], capture_output=True, check=True, cwd=ROOT)
    assert by_stdin.stdout == by_argument.stdout
    assert [span["text"] for span in json.loads(by_stdin.stdout)["spans"]] == ["oslo", "lima"]
