import base64
import io
from string import Template

import numpy as np
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_output
from PIL import Image

from course_lib.exercises.panel import Result
from course_lib.explore.seat import TEMPLATE
from course_lib.notebooks.equality import BLOCK, WIDGET_VIEW, block_differences, differences, normalise

SERIES = np.random.default_rng(0).normal(size=60).cumsum()
POINTS = np.random.default_rng(1).random((40, 2))
TICKS = ("0", "20", "40", "60")


def png(series=SERIES, points=POINTS, title="Forecast", ticks=TICKS, width=12.0) -> str:
    figure = Figure(figsize=(width, 4), dpi=72)
    left, right = figure.subplots(1, 2)
    left.plot(series)
    left.set_title(title)
    left.set_xticks([0, 20, 40, 60], labels=ticks)
    left.set_ylim(-8, 8)
    right.scatter(*points.T, s=12)
    right.set(xlim=(0, 1), ylim=(0, 1))
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return base64.b64encode(file.getvalue()).decode()


def shown(**data: object):
    metadata = data.pop("metadata", {})
    forms = {
        {"png": "image/png", "html": "text/html", "view": WIDGET_VIEW}.get(k, "text/plain"): v
        for k, v in data.items()
    }
    return new_output("display_data", data=forms, metadata=metadata)


def drawn(pixels: np.ndarray):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="png")
    return shown(png=base64.b64encode(file.getvalue()).decode())


def printed(text: str, name: str = "stdout"):
    return new_output("stream", text=text, name=name)


def test_of_a_seat_what_stands_in_it_is_stored():
    words = {"seat": "0a1b", "content": "<b>2</b>", "wake": "Run.", "style": "p { color: red }"}
    page = Template(TEMPLATE.read_text("utf-8")).substitute(words)
    (output,) = normalise([shown(html=page)])
    assert output.data["text/html"] == '<div class="explorer-seat"><b>2</b><p class="wake">Run.</p></div>'
    assert normalise([output]) == [output]


def test_the_style_sheet_of_a_check_is_not_stored():
    result = Result("moving_average", 2, 2, "everything passed")._repr_html_()
    (output,) = normalise([shown(html=result)])
    assert result.endswith(output.data["text/html"])
    assert output.data["text/html"].startswith('<div class="course check solved"')


def changed(values: np.ndarray, index: int, by: float) -> np.ndarray:
    result = values.copy()
    result[index] += by
    return result


def noise(shape) -> np.ndarray:
    return 1e-9 * np.random.default_rng(2).normal(size=shape)


def test_equal_figures_with_noise_in_the_last_digits():
    noisy = png(series=SERIES + noise(60), points=POINTS + noise((40, 2)))
    assert differences([shown(png=png())], [shown(png=noisy)]) == []


def test_pixels_may_be_a_level_off():
    pixels = np.full((32, 32), 100, dtype=np.uint8)
    stored, new = drawn(pixels), drawn(pixels + np.eye(32, dtype=np.uint8))
    assert stored != new
    assert differences([stored], [new]) == []


@pytest.mark.parametrize(("levels", "told"), [(3, None), (4, "(4.0 levels of 255, tolerance 3.0)")])
def test_no_block_may_be_more_than_three_levels_off(levels: int, told: str | None):
    pixels = np.full((3 * BLOCK, 3 * BLOCK, 4), 100, dtype=np.uint8)
    moved = pixels.copy()
    moved[BLOCK : 2 * BLOCK, BLOCK : 2 * BLOCK] += np.uint8(levels)
    found = differences([drawn(pixels)], [drawn(moved)])
    where = "output 1, image/png: the picture differs near pixel x = 16, y = 16"
    assert found == ([f"{where} {told}"] if told else [])


@pytest.mark.parametrize(
    "other",
    [
        {"series": changed(SERIES, 30, 0.3)},
        {"points": changed(POINTS, 3, 0.02)},
        {"points": POINTS[:-1]},
        {"title": "Forccast"},
        {"ticks": ("0", "20", "40", "80")},
    ],
    ids=["value", "point moved", "point missing", "letter", "tick label"],
)
def test_a_small_change_in_a_figure_is_found(other):
    (line,) = differences([shown(png=png())], [shown(png=png(**other))])
    assert line.startswith("output 1, image/png: the picture differs near pixel")


def test_the_place_of_a_change_is_named():
    first, second = np.zeros((40, 60, 4)), np.zeros((40, 60, 4))
    second[35, 50] = 255
    blocks = block_differences(first, second)
    assert blocks.shape == (3, 4)
    assert np.argwhere(blocks).tolist() == [[2, 3]]
    assert blocks[2, 3] == pytest.approx(255 / np.sqrt((40 - 2 * BLOCK) * (60 - 3 * BLOCK)))


def test_another_size_of_figure_is_found():
    (line,) = differences([shown(png=png())], [shown(png=png(width=11))])
    assert line == "output 1, image/png: stored 864 x 288 pixels, now 792 x 288"


def test_a_missing_and_an_additional_figure_are_found():
    with_figure, without = shown(png=png(), text="a line"), shown(text="a line")
    assert differences([with_figure], [without]) == ["output 1, image/png: no longer there"]
    assert differences([without], [with_figure]) == ["output 1, image/png: was not stored"]
    assert differences([with_figure], []) == ["1 outputs stored, 0 now"]


@pytest.mark.parametrize(
    ("stored", "new", "line"),
    [
        (shown(text="0.50"), shown(text="0.51"), "output 1, text/plain: line 1: stored '0.50', now '0.51'"),
        (printed("a\nb\n"), printed("a\nc\n"), "output 1, text: line 2: stored 'b', now 'c'"),
        (printed("a\n"), printed("a\nb\n"), "output 1, text: line 2: stored nothing, now 'b'"),
        (printed("a\n"), printed("a"), "output 1, text: line 1: stored 'a\\n', now 'a'"),
        (printed("a"), printed("a", "stderr"), "output 1, name: line 1: stored 'stdout', now 'stderr'"),
        (shown(html="<b>1"), shown(html="<b>2"), "output 1, text/html: line 1: stored '<b>1', now '<b>2'"),
    ],
)
def test_changed_text_is_found(stored, new, line):
    assert differences([stored], [new]) == [line]
    assert differences([stored], [stored]) == []


def test_changed_alternative_text_is_found():
    stored, new = (shown(png=png(), metadata={"image/png": {"alt": alt}}) for alt in ("rising", "falling"))
    (line,) = differences([stored], [new])
    assert "rising" in line
    assert "falling" in line


def measured(text: str, picture: str, alt: str | None = None):
    return shown(text=text, png=picture, metadata={"image/png": {"alt": alt or text, "measured": True}})


def test_of_what_is_measured_words_without_numbers_and_the_size_are_compared():
    stored = measured("An LSTM takes 1.52 s for 1,000 steps, 3e-05 of an hour.", png())
    other = png(series=SERIES[::-1])
    new = measured("An LSTM takes 12.1 s for 998 steps, 0.0014 of an hour.", other)
    assert differences([stored], [new]) == []
    three, one = (measured(f"Found: {them}.", png()) for them in ("2 (0.55), 3 (0.81), 4 (0.89)", "2 (0.82)"))
    assert differences([three], [one]) == []


@pytest.mark.parametrize(
    ("new", "line"),
    [
        (
            measured("A GRU takes 1 s", png()),
            "text/plain: line 1: stored 'An LSTM takes # s', now 'A GRU takes # s'",
        ),
        (measured("An LSTM takes 1 s", png(width=11)), "image/png: stored 864 x 288 pixels, now 792 x 288"),
        (shown(text="An LSTM takes 1 s"), "image/png: no longer there"),
    ],
    ids=["other words", "other size", "no figure"],
)
def test_another_measured_figure_is_found(new, line):
    found = differences([measured("An LSTM takes 2 s", png())], [new])
    assert f"output 1, {line}" in found


def test_a_figure_that_is_measured_on_one_side_only_is_compared_in_full():
    words, picture = "An LSTM takes 2 s", png()
    plain = shown(text=words, png=picture, metadata={"image/png": {"alt": words}})
    (line,) = differences([plain], [measured(words, picture)])
    assert line.startswith("output 1, metadata: ")
    slower = measured("An LSTM takes 3 s", png(series=SERIES[::-1]))
    found = [line.partition(":")[0] for line in differences([plain], [slower])]
    assert found == ["output 1, image/png", "output 1, metadata", "output 1, text/plain"]
    assert differences([measured(words, picture)], []) == ["1 outputs stored, 0 now"]


def test_execution_counts_are_not_compared():
    first, second = (new_output("execute_result", {"text/plain": "1"}, execution_count=n) for n in (1, 2))
    assert differences([first], [second]) == []


def test_pieces_of_a_stream_are_one_and_overwritten_lines_go():
    pieces = [
        printed("a\n  5%"),
        printed("\r 50%"),
        printed("\r100%\nb\n"),
        printed("careful", "stderr"),
        printed("c"),
    ]
    assert normalise(pieces) == [printed("a\n100%\nb\n"), printed("careful", "stderr"), printed("c")]
    assert pieces[0].text == "a\n  5%"


def test_an_explorer_is_stored_as_words_and_picture():
    picture = png()
    metadata = {"image/png": {"alt": "words"}, "text/html": {"isolated": True}, WIDGET_VIEW: {}}
    explorer = shown(text="words", png=picture, html="<div>", view={"model_id": "1"}, metadata=metadata)
    expected = shown(text="words", png=picture, metadata={"image/png": {"alt": "words"}})
    assert normalise([explorer]) == [expected]


def test_other_html_stays_and_an_output_without_any_form_goes():
    panel = shown(text="4", html="<p>4 points</p>")
    assert normalise([panel, shown(view={"model_id": "1"})]) == [panel]
