from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import chain
from random import Random

import pytest

from benchmarks.airline_baseline import f1, parts, window_tagger
from slotfill.corpus.airline import PHRASES, carriers, generate, places
from slotfill.corpus.airline.grammar import Grammar, read_rules
from slotfill.corpus.airline.held_out import HELD_OUT
from slotfill.corpus.airline.patterns import PATTERNS, WEIGHTS
from slotfill.corpus.airline.style import SHORT_FORMS, Words, phrased, spoken, typed
from slotfill.corpus.airline.values import VALUES
from slotfill.corpus.tags import OUTSIDE, illegal_positions, split_tag
from slotfill.corpus.utterance import Utterance

Corpus = dict[str, list[Utterance]]

DIGEST = """
import hashlib
from slotfill.corpus.airline import generate
print(hashlib.sha256(repr(generate(3)).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return generate()


def slots(utterances: list[Utterance]) -> set[str]:
    return {span.slot for utterance in utterances for span in utterance.spans}


def skeleton(utterance: Utterance) -> str:
    """The utterance with each slot's value replaced by the slot's name."""
    assert utterance.tags is not None
    pairs = zip(utterance.words, utterance.tags, strict=True)
    kept = ((word, *split_tag(tag)) for word, tag in pairs)
    return " ".join(word if prefix == OUTSIDE else f"<{slot}>" for word, prefix, slot in kept if prefix != "I")


def grammar(words: dict[str, list[str]]) -> Grammar:
    return Grammar(PHRASES | {"in_region": places.in_region("train")}, VALUES | words, Random(0))


def test_the_splits_have_their_sizes(corpus: Corpus) -> None:
    assert {split: len(utterances) for split, utterances in corpus.items()} == {"train": 4000, "dev": 500, "test": 900}


def test_a_seed_always_gives_the_same_corpus(corpus: Corpus) -> None:
    assert generate(0) == corpus
    assert generate(1) != corpus


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_corpus_does_not_depend_on_string_hashing(hash_seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    run = subprocess.run([sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == hashlib.sha256(repr(generate(3)).encode()).hexdigest()


def test_there_are_at_least_40_slots_and_10_intents(corpus: Corpus) -> None:
    assert len(slots(corpus["train"])) >= 40
    assert len({utterance.intent for utterance in corpus["train"]}) >= 10
    assert any("#" in (utterance.intent or "") for utterance in corpus["train"])


def test_the_tags_of_dev_and_test_all_occur_in_train(corpus: Corpus) -> None:
    assert slots(corpus["dev"]) | slots(corpus["test"]) <= slots(corpus["train"])


def test_every_utterance_is_legal_lower_case_and_free_of_template_marks(corpus: Corpus) -> None:
    for utterance in chain.from_iterable(corpus.values()):
        assert utterance.tags is not None
        assert illegal_positions(utterance.tags) == []
        assert utterance.text == " ".join(utterance.words) == utterance.text.lower()
        assert not re.search(r"[(){}|*]|\s\s", utterance.text), utterance.text


def test_no_words_occur_twice_in_a_corpus(corpus: Corpus) -> None:
    counts = Counter(utterance.words for utterances in corpus.values() for utterance in utterances)
    assert counts.most_common(1)[0][1] == 1


def test_the_same_words_always_carry_the_same_tags_and_intent() -> None:
    labels: dict[tuple[str, ...], tuple[object, object]] = {}
    repeated = 0
    for seed in range(4):
        for utterance in chain.from_iterable(generate(seed).values()):
            repeated += utterance.words in labels
            label = utterance.tags, utterance.intent
            assert labels.setdefault(utterance.words, label) == label, utterance.text
    assert repeated > 100  # else this test would have seen nothing


def test_the_names_of_train_dev_and_test_are_apart() -> None:
    assert len(places.cities("train")) >= 250
    assert len(places.cities("dev")) >= 60
    assert len(places.cities("test")) >= 60
    for values in (places.values, carriers.values):
        train, dev, test = values("train"), values("dev"), values("test")
        for slot in ("city_name", "airport_name", "airport_code", "airline_name", "airline_code"):
            names = [*train.get(slot, []), *dev.get(slot, []), *test.get(slot, [])]
            assert len(names) == len(set(names)), [name for name, n in Counter(names).items() if n > 1]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_held_out_names_never_occur_in_train(corpus: Corpus, split: str) -> None:
    train = "\n".join(f" {utterance.text} " for utterance in corpus["train"])
    names = [*places.cities(split), *carriers.values(split)["airline_name"]]
    assert [name for name in names if f" {name} " in train] == []
    said = {span.text for utterance in corpus[split] for span in utterance.spans}
    assert len(said & set(names)) > len(names) / 2


def test_taipei_waits_in_test(corpus: Corpus) -> None:
    words = {split: {word for each in utterances for word in each.words} for split, utterances in corpus.items()}
    assert [split for split in words if "taipei" in words[split]] == ["test"]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_held_out_patterns_never_occur_in_train(corpus: Corpus, split: str) -> None:
    train = {skeleton(utterance) for utterance in corpus["train"]}
    new = [utterance for utterance in corpus[split] if (utterance.id or "").endswith("pattern")]
    assert len(new) > 100
    assert [utterance.text for utterance in new if skeleton(utterance) in train] == []
    assert not {each for rule in HELD_OUT[split].values() for each in rule.templates} & {
        each for rule in PATTERNS.values() for each in rule.templates
    }


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_third_to_a_half_of_a_split_is_new_in_some_way(corpus: Corpus, split: str) -> None:
    new = [utterance for utterance in corpus[split] if not (utterance.id or "").endswith("known")]
    assert 1 / 3 < len(new) / len(corpus[split]) < 1 / 2


def test_utterances_are_as_long_as_spoken_requests(corpus: Corpus) -> None:
    lengths = sorted(len(utterance.words) for utterance in corpus["train"])
    assert lengths[0] >= 2
    assert 10 <= lengths[len(lengths) // 2] <= 15
    assert sum(6 <= length <= 20 for length in lengths) > 0.75 * len(lengths)
    assert 30 <= lengths[-1] <= 60


@pytest.mark.parametrize("said", [spoken, typed, phrased])
def test_no_style_touches_a_value(said: Callable[[Words, Random], Words]) -> None:
    sentence = [("please", "O"), ("give", "O"), ("me", "O"), ("i", "B-x"), ("am", "I-x"), ("i'm", "B-y")]
    for seed in range(300):
        words, tags = zip(*said(sentence, Random(seed)), strict=True)
        assert [(span.slot, span.text) for span in Utterance(words, tags).spans] == [("x", "i am"), ("y", "i'm")]


def test_what_people_type_in_place_of_words_stands_in_train(corpus: Corpus) -> None:
    said = Counter(word for utterance in corpus["train"] for word in utterance.words)
    assert [short for short in SHORT_FORMS.values() if said[short] == 0] == []


def test_most_utterances_name_two_cities_and_many_name_three(corpus: Corpus) -> None:
    cities = [sum("city_name" in span.slot for span in utterance.spans) for utterance in corpus["train"]]
    assert sum(count >= 2 for count in cities) > 0.5 * len(cities)
    assert sum(count >= 3 for count in cities) > 0.1 * len(cities)


def test_a_tagger_that_sees_three_words_does_badly_even_where_nothing_is_new(corpus: Corpus) -> None:
    tagger = window_tagger(corpus["train"])
    scores = {part: f1(tagger, utterances) for part, utterances in parts(corpus["test"]).items()}
    assert 0.4 < scores["all"] < 0.75
    assert scores["known"] < 0.8
    assert scores["names"] < scores["known"]


def test_every_pattern_and_phrase_can_be_expanded() -> None:
    everything = grammar(places.values("train") | carriers.values("train"))
    for rules in (PATTERNS, *HELD_OUT.values()):
        for rule in rules.values():
            for template in rule.templates * 5:
                assert everything.expand(template)


def test_every_intent_with_patterns_has_a_weight() -> None:
    assert set(WEIGHTS) == set(PATTERNS) >= {intent for rules in HELD_OUT.values() for intent in rules}


def test_a_role_stands_for_the_star_in_its_rule() -> None:
    rules = read_rules("calendar:\n    on {*.day_name}\n")
    sentence = Grammar(rules, {"day_name": ["monday"]}, Random(0)).expand("back {return_date} (|) {round_trip:one way}")
    assert sentence == [
        ("back", "O"),
        ("on", "O"),
        ("monday", "B-return_date.day_name"),
        ("one", "B-round_trip"),
        ("way", "I-round_trip"),
    ]


def test_an_unknown_name_in_a_template_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\{routes\} is no rule, no role and no slot"):
        grammar({}).expand("fly {routes}")


def test_an_alternative_without_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="no rule stands above the alternative 'fly away'"):
        read_rules("    fly away\n")
