"""Errors as one HTML page that needs nothing but itself: no network, no other file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from slotfill.corpus.colours import colour
from slotfill.corpus.tags import Segment
from slotfill.corpus.utterance import Utterance
from slotfill.scoring.error_analysis import Analysis, Tally
from slotfill.scoring.intent_errors import IntentError
from slotfill.scoring.span_errors import KINDS, Error, Slots

_TALLY = ("F1", "gold spans", "not found", "wrongly found", "of all wrong")
_NUMBERS = {"errors", "share", "utterances", *_TALLY}
_INTENT = "intent"
"""The kind of error that a wrong intent is on the page."""


def page(analysis: Analysis, model: str, corpus: str, split: str) -> str:
    """The page: the counts, each a link, and under them every error, by gold slot and then by predicted slot.

    Wrong intents come after the spans, by the gold intent and the predicted one.
    """
    template = Template(files("slotfill.scoring").joinpath("error_page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(f"Errors of {model} on {corpus}, {split}"),
        summary=escape(analysis.summary),
        body="" if analysis.all_right else "\n".join(_body(analysis)),
    )


def _body(analysis: Analysis) -> Iterator[str]:
    if analysis.errors:
        yield _side(_section("Kinds", _kinds(analysis)), _section("Words training has not seen", _words(analysis)))
        yield _side(
            _section("Slots by what they cost", _slots(analysis)),
            _section("Slots taken for others", _confusions(analysis)),
        )
    if analysis.intent_errors:
        yield _side(_section("Intents taken for others", _intents(analysis)))
    yield '<h2 id="errors">Errors</h2>'
    yield _form(analysis)
    pairs = analysis.by_slots()
    for slot, tally in analysis.slots.items():
        if tally.wrong:
            yield from _slot(slot, tally, pairs)
    for intents, errors in analysis.intent_confusions().items():
        gold, predicted = map(escape, intents)
        yield f'<section class="group" id="{_anchor(_INTENT, *intents)}">'
        yield f"<h3>intent {gold} taken for {predicted}: {len(errors):,}</h3>"
        yield from map(_intent_article, errors)
        yield "</section>"


def _side(*sections: str) -> str:
    """Sections beside each other."""
    return "\n".join(('<div class="side">', *sections, "</div>"))


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2><div>{content}</div></section>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose cells are written already."""
    titles = "".join(f'<th class="number">{title}</th>' if title in _NUMBERS else f"<th>{title}</th>" for title in head)
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _cell(content: str) -> str:
    return f"<td>{content}</td>"


def _number(value: str) -> str:
    return f'<td class="number">{value}</td>'


def _share(share: float) -> str:
    return f'<td class="number bar" style="--share:{share:.1%}">{share:.1%}</td>'


def _kinds(analysis: Analysis) -> str:
    rows = (
        (
            _cell(f'<a href="#errors" data-kind="{kind}">{kind}</a>'),
            _number(f"{len(errors):,}"),
            _share(len(errors) / len(analysis.errors)),
            _cell(meaning),
        )
        for (kind, meaning), errors in zip(KINDS.items(), analysis.by_kind().values(), strict=True)
    )
    return _table(("kind", "errors", "share", "what it is"), rows)


def _words(analysis: Analysis) -> str:
    rows = (("with one", analysis.unseen), ("without", analysis.others))
    return _table(
        ("spans", *_TALLY),
        ((_cell(name), *map(_number, tally.row), _share(analysis.share(tally))) for name, tally in rows),
    )


def _slots(analysis: Analysis) -> str:
    rows = (
        (_cell(_link(_anchor("slot", slot), escape(slot))), *map(_number, tally.row), _share(analysis.share(tally)))
        for slot, tally in analysis.slots.items()
        if tally.wrong
    )
    return _table(("slot", *_TALLY), rows)


def _confusions(analysis: Analysis) -> str:
    rows = (
        (
            _cell(_name(gold)),
            _cell(_name(predicted)),
            _number(_link(_anchor("pair", gold, predicted), f"{len(errors):,}")),
        )
        for (gold, predicted), errors in analysis.confusions().items()
    )
    return _table(("gold", "predicted", "errors"), rows)


def _intents(analysis: Analysis) -> str:
    rows = (
        (*(_cell(escape(intent)) for intent in intents), _number(_link(_anchor(_INTENT, *intents), f"{len(errors):,}")))
        for intents, errors in analysis.intent_confusions().items()
    )
    return _table(("gold", "predicted", "utterances"), rows)


def _form(analysis: Analysis) -> str:
    found = (*KINDS, _INTENT) if analysis.intents else KINDS
    kinds = "".join(f"<option>{kind}</option>" for kind in found)
    slots = "".join(f"<option>{escape(slot)}</option>" for slot in sorted(analysis.slots))
    return f"""<form hidden>
<label>kind <select name="kind"><option value="">all</option>{kinds}</select></label>
<label>slot <select name="slot"><option value="">all</option>{slots}</select></label>
<label>text <input name="word" type="search" autocomplete="off"></label>
<label><input name="unseen" type="checkbox"> with an unseen word</label>
<button type="reset">show all</button> <output name="shown"></output>
</form>"""


def _slot(slot: str, tally: Tally, pairs: dict[Slots, list[Error]]) -> Iterator[str]:
    """The errors whose gold slot is this one, or that are spurious and predicted as it."""
    own = {pair: errors for pair, errors in pairs.items() if (pair[0] or pair[1]) == slot}
    taken = {pair: errors for pair, errors in pairs.items() if pair[1] == slot and pair not in own}
    links = [
        _link(_anchor("pair", *pair), f"{escape(pair[0] or '')} ({len(errors):,})") for pair, errors in taken.items()
    ]
    more = f"; predicted instead of {', '.join(links)}" if links else ""
    yield f'<section class="group" id="{_anchor("slot", slot)}"><h3>{escape(slot)}</h3>'
    yield f'<p class="quiet">F1 {100 * tally.f1:.2f} over {tally.gold:,} gold spans{more}</p>'
    for pair, errors in own.items():
        yield f'<div class="group" id="{_anchor("pair", *pair)}"><h4>{_heading(*pair)}: {len(errors):,}</h4>'
        yield from map(_article, errors)
        yield "</div>"
    yield "</section>"


def _heading(gold: str | None, predicted: str | None) -> str:
    if gold is None:
        return "spurious"
    if predicted is None:
        return "missed"
    return "other words" if gold == predicted else f"taken for {escape(predicted)}"


def _article(error: Error) -> str:
    slots = dict(zip(("gold", "predicted"), error.slots, strict=True))
    attributes = "".join(f' data-{name}="{escape(slot)}"' for name, slot in slots.items() if slot is not None)
    remark = ""
    if error.unseen:
        attributes += " data-unseen"
        remark = f"unseen: {', '.join(error.unseen)}"
    content = (
        f'<dl><dt>gold</dt><dd dir="auto">{_marked(error, error.utterance, error.gold)}</dd>'
        f'<dt>predicted</dt><dd dir="auto">{_marked(error, error.tagged, error.predicted)}</dd></dl>'
    )
    return _framed(error, error.kind, attributes, content, remark)


def _intent_article(error: IntentError) -> str:
    return _framed(
        error,
        _INTENT,
        "",
        f'<p dir="auto">{escape(error.utterance.text)}</p><dl><dt>gold</dt><dd>{escape(error.gold)}</dd>'
        f"<dt>predicted</dt><dd>{escape(error.predicted)}</dd></dl>",
    )


def _framed(error: Error | IntentError, kind: str, attributes: str, content: str, remark: str = "") -> str:
    """An error under a line that says which utterance it is in."""
    number, name = f"utterance {error.number:,}", error.utterance.id
    told = (kind, f"{number}, {name}" if name else number, remark)
    head = "".join(f"<span>{escape(each)}</span>" for each in told if each)
    return f'<article data-kind="{kind}"{attributes}><header>{head}</header>{content}</article>'


def _marked(error: Error, utterance: Utterance, segment: Segment | None) -> str:
    """The text with the error's span named and its other spans underlined."""
    wrong = segment and error.span(segment)
    parts, position = [], 0
    for span in utterance.spans:
        value, name = escape(span.text), escape(span.slot)
        if span == wrong:
            part = f'<mark class="{colour(span.slot)}">{value}<small>{name}</small></mark>'
        else:
            part = f'<span class="other {colour(span.slot)}" title="{name}">{value}</span>'
        parts += [escape(utterance.text[position : span.start]), part]
        position = span.end
    return "".join(parts) + escape(utterance.text[position:])


def _name(slot: str | None) -> str:
    return "-" if slot is None else escape(slot)


def _anchor(kind: str, *names: str | None) -> str:
    """The place of a slot, or of a pair of slots or intents, on the page."""
    return ":".join((kind, *(quote(name or "", safe="") for name in names)))


def _link(place: str, content: str) -> str:
    return f'<a href="#{place}">{content}</a>'
