"""Dates in English and Korean."""

from datetime import date
from itertools import pairwise

import pytest
import torch
from babel import Locale
from babel.dates import format_date

from course_lib.data import dates
from course_lib.data.dates import END, PAD, PARTS, VOCABULARY

DAY = date(2018, 3, 14)
EVERY_FORMAT = [
    (language, number) for language, formats in dates.FORMATS.items() for number in range(len(formats))
]
FULL = ("weekday", "month", "day", "year")


def in_babel(day: date, language: str, number: int) -> str:
    locale, name = dates.FORMATS[language][number]
    known = Locale.parse(locale)
    pattern = known.date_formats[name] if name == "full" else known.datetime_skeletons[name]
    return format_date(day, pattern.pattern, locale)


def told(written: dates.Written, part: str) -> str:
    return "".join(word.text for word in written.words if word.part == part)


@pytest.mark.parametrize(("language", "number"), EVERY_FORMAT)
def test_dates_are_written_as_babel_writes_them(language: str, number: int):
    for day in dates.split_days()[1][:100]:
        written = dates.write(day, language, number)
        assert written.texts == dates.split(in_babel(day, language, number))
        assert set(written.pieces) == set(PARTS)


@pytest.mark.parametrize(("language", "number"), EVERY_FORMAT)
def test_each_word_knows_which_part_it_tells(language: str, number: int):
    written = dates.write(DAY, language, number)
    assert (told(written, "year"), told(written, "day")) == ("2018", "14")
    if language == "ko":
        assert (told(written, "month"), told(written, "weekday")[0]) == ("3", "수")
    else:
        assert (told(written, "month")[:3], told(written, "weekday")[:3]) == ("Mar", "Wed")
    assert {word.text for word in written.words if not word.part} <= set(",.()년월일")


@pytest.mark.parametrize(("language", "number"), [("en", 0), ("en", 2), ("ko", 0), ("ko", 1), ("ko", 2)])
def test_a_written_date_reads_as_babel_writes_it(language: str, number: int):
    assert str(dates.write(DAY, language, number)) == in_babel(DAY, language, number)


def test_the_unit_of_the_month_is_not_the_monday_that_is_spelt_alike():
    words = dates.write(date(2018, 3, 12), "ko", 1).words
    assert [word.part for word in words if word.text == "월"] == ["", "weekday"]


def test_held_out_days_are_no_training_days():
    train, held_out = dates.split_days(1000, seed=3)
    assert len(held_out) == 1000 and len(train) == 73_049 - 1000
    assert not set(train) & set(held_out)
    assert {min(train + held_out), max(train + held_out)} == {date(1900, 1, 1), date(2099, 12, 31)}
    assert dates.split_days(1000, seed=3) == (train, held_out)
    assert dates.split_days(1000, seed=4)[1] != held_out
    assert dates.split_days() == dates.split_days(1000, seed=0)


@pytest.mark.parametrize(("source", "target"), [("en", "ko"), ("ko", "en")])
def test_translations_have_every_format_and_the_first_target(
    source: str, target: str, generator: torch.Generator
):
    days = dates.split_days()[0][:200]
    pairs = dates.translations(days, source, target, generator)
    seen = set()
    for day, (written, answer) in zip(days, pairs, strict=True):
        formats = [dates.write(day, source, number) for number in range(len(dates.FORMATS[source]))]
        seen.add(formats.index(written))
        assert answer == dates.write(day, target)
    assert seen == set(range(len(dates.FORMATS[source])))


def test_parts_are_dropped_and_reordered():
    english, korean = dates.write(DAY, "en"), dates.write(DAY, "ko")
    assert str(english.without("weekday")) == "March 14, 2018"
    assert str(english.without("month")) == "Wednesday, 14, 2018"
    assert str(english.without("year")) == "Wednesday, March 14"
    assert str(korean.without("day")) == "2018년 3월 수요일"
    assert str(dates.write(DAY, "ko", 2).without("weekday")) == "2018. 3. 14."
    assert str(english.in_order(["month", "day", "year", "weekday"])) == "March 14, 2018 Wednesday"
    assert str(english.in_order(["year", "day"])) == "2018, 14"
    assert str(english.without("day").in_order(FULL)) == "Wednesday, March 2018"


def test_shuffled_parts_come_in_every_order(generator: torch.Generator):
    written = dates.write(DAY, "en", 3)
    orders = {tuple(written.shuffled(generator).pieces) for _ in range(300)}
    assert len(orders) == 24
    for order in orders:
        shuffled = written.in_order(order)
        assert [told(shuffled, part) for part in PARTS] == [told(written, part) for part in PARTS]
        for word, following in pairwise(shuffled.words):
            if word.text.isdigit() and following.text.isdigit():
                assert word.part == following.part


def test_pairs_are_padded_and_end(generator: torch.Generator):
    pairs = dates.translations(dates.split_days()[0][:50], "en", "ko", generator)
    encoded = dates.encode_pairs(pairs)
    for row, (source, target) in enumerate(pairs):
        assert dates.decode(encoded.source[row]) == source.texts
        assert dates.decode(encoded.target[row]) == target.texts
        assert encoded.target[row, len(target.texts)] == END
        assert (encoded.target[row, len(target.texts) + 1 :] == PAD).all()
        assert encoded.source_mask[row].sum() == len(source.texts)
    drawn = encoded.draw(20, generator)
    known = set(zip(map(tuple, encoded.source.tolist()), map(tuple, encoded.target.tolist()), strict=True))
    assert (
        set(zip(map(tuple, drawn.source.tolist()), map(tuple, drawn.target.tolist()), strict=True)) <= known
    )
    assert len(drawn.source.unique(dim=0)) > 10


def test_a_tag_asks_for_the_targets_language():
    pairs = [
        (dates.write(DAY, "en"), dates.write(DAY, "ko")),
        (dates.write(DAY, "ko"), dates.write(DAY, "en")),
    ]
    encoded = dates.encode_pairs(pairs, tagged=True)
    assert [VOCABULARY[token] for token in encoded.source[:, 0]] == ["<ko>", "<en>"]
    torch.testing.assert_close(encoded.source[:, 1:], dates.encode_pairs(pairs).source)


def test_the_alignment_crosses():
    source, target = dates.write(DAY, "en"), dates.write(DAY, "ko")
    aligned = dates.alignment(source, target)
    read = {
        word: [other for other, there in zip(source.texts, row, strict=True) if there]
        for word, row in zip(target.texts, aligned, strict=True)
    }
    assert aligned.shape == (len(target.texts), len(source.texts))
    assert read["수요일"] == ["Wednesday"] and read["3"] == ["March"]
    assert read["2"] == list("2018") and read["4"] == list("14")
    assert read["년"] == read["월"] == read["일"] == []


def test_what_was_dropped_is_aligned_with_nothing():
    source, target = dates.write(DAY, "en").without("weekday"), dates.write(DAY, "ko")
    assert dates.alignment(source, target).any(dim=1).tolist() == [
        bool(word.part) for word in target.words[:-1]
    ] + [False]


@pytest.mark.parametrize("text", ["wednesday, MARCH 14,2018", "Wednesday ,March 1 4 , 2018"])
def test_typed_dates_are_read(text: str):
    assert dates.decode(dates.encode(dates.split(text))) == dates.write(DAY, "en").texts
    assert dates.join(dates.split(text.title())) == "Wednesday, March 14, 2018"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Marz 14", "“Marz” is unknown"),
        ("March 14; 2018", "“;” is unknown"),
        ("<end>", "“<” is unknown"),
        (" ", "Type a date, such as: Saturday, March 3, 2018."),
    ],
)
def test_what_cannot_be_encoded_is_named(text: str, message: str):
    with pytest.raises(ValueError, match=message) as caught:
        dates.encode(dates.split(text))
    assert "\n" not in str(caught.value)


def test_decoding_stops_at_the_end():
    korean = dates.write(DAY, "ko")
    encoded = dates.encode_pairs([(korean, korean)]).target[0]
    assert dates.decode(torch.cat([encoded, encoded])) == korean.texts


def test_korean_words_are_read_by_part():
    assert dates.read_korean(dates.write(DAY, "ko").texts) == {
        "year": "2018",
        "month": "3",
        "day": "14",
        "weekday": "수요일",
    }
    assert dates.read_korean(dates.split("20일 2018 년 월 14 ")) == {"day": "20", "year": "2018"}
    assert dates.read_korean([]) == {}


def test_every_word_has_one_number():
    assert len(set(VOCABULARY)) == len(VOCABULARY)
    assert (VOCABULARY[PAD], VOCABULARY[dates.START], VOCABULARY[END]) == ("<pad>", "<start>", "<end>")
    for day in dates.split_days()[1]:
        for language, number in EVERY_FORMAT:
            assert set(dates.write(day, language, number).texts) <= set(VOCABULARY)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: dates.write(DAY, "fr"), "there are formats of en from 0 to 3 and ko from 0 to 2, not fr 0"),
        (lambda: dates.write(DAY, "ko", 3), "not ko 3"),
        (lambda: dates.translations([DAY], "fr", "ko", torch.Generator()), "not fr 0"),
        (lambda: dates.write(DAY, "en").without("moon"), "no part of a date is called 'moon'"),
        (lambda: dates.write(DAY, "en").in_order(["moon"]), "there are year, month, day, weekday"),
        (lambda: dates.split_days(0), "hold out 1 to 73048 of the 73049 days, not 0"),
    ],
)
def test_what_does_not_exist_is_named(wrong, message: str):
    with pytest.raises(ValueError, match=message):
        wrong()
