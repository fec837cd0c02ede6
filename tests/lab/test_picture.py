"""The style that the pictures share."""

from __future__ import annotations

import matplotlib as mpl

from slotfill.lab.picture import bar, figure, legend, panel, plain, png


def test_a_picture_is_a_png_of_the_size_asked_for_and_nothing_global_changes() -> None:
    before = dict(mpl.rcParams)
    page = figure("A long message " * 12, "a note " * 60, width=6, height=4)
    left, right = panel(page, 121, title="left", x="step", y="norm"), panel(page, 122, x="step", y="loss (nats)")
    left.plot([1, 2, 3], label="a line")
    legend(left)
    bar(page, right.imshow([[1, 2], [3, 4]]), right, label="norm")
    content = png(page)
    assert content.startswith(b"\x89PNG")
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (900, 600)
    assert dict(mpl.rcParams) == before


def test_what_stands_between_dollars_is_no_formula() -> None:
    page = figure("the corpus us$_$eur", "from us$_$eur.conll")
    png(page)  # A formula that cannot be read is an error here.
    assert page._suptitle is not None
    assert page._suptitle.get_text() == r"the corpus us\$_\$eur"
    assert plain("$5") == r"\$5"


def test_message_and_note_stay_on_the_page_and_off_the_panels() -> None:
    page = figure("A long message " * 12, "a note " * 60)
    axes = panel(page, x="step", y="norm")
    png(page)
    around = axes.get_tightbbox()
    message, note = (text.get_window_extent() for text in (page._suptitle, page._supxlabel))
    for box in (message, note):
        assert box.x0 >= 0
        assert box.x1 <= page.bbox.x1
    assert message.y1 <= page.bbox.y1
    assert message.y0 >= around.y1 - 1
    assert note.y0 >= 0
    assert note.y1 <= around.y0 + 1
