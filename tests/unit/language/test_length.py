"""Of a very long message only the beginning is read, and never written from."""

from tests.unit.language.scoring import MONDAY, Reader


def test_a_text_too_long_to_be_read_in_full_is_never_written(reader: Reader) -> None:
    text = "消防排查完成," + "各处都看过," * 400 + "其实没完成"
    got = reader.read({"text": text, "sender": "P-S13-1", "now": f"{MONDAY}T10:00:00+08:00"})

    assert got["confidence"] == 0.6


def test_blanks_between_words_count_as_one(reader: Reader) -> None:
    assert reader.say("消防排查" + " " * 500 + "完成80%") == reader.say("消防排查 完成80%")
