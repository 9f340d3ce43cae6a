"""Bytes -> text, whatever program saved them: UTF-8 with or without its mark, UTF-16, UTF-32, Western European."""

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(raw: bytes) -> str:
    """Return bytes as text, without a mark at its start. Raises ValueError for what is no text."""
    text = raw.decode(find_encoding(raw)).lstrip("\ufeff")
    if "\x00" in text:
        raise ValueError("a NUL, which no text holds")
    return text


def find_encoding(raw: bytes) -> str:
    """Return the name of the encoding: by its mark, by the zeros of UTF-16, else UTF-8 or, where that fails, cp1252."""
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return encoding
    sample = raw[:1000]
    if sample[1::2].count(0) > 0.4 * len(sample[1::2]) > 1:
        return "utf-16-le"
    if sample[::2].count(0) > 0.4 * len(sample[::2]) > 1:
        return "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        if not re.search(rb"[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]", raw):
            return "cp1252"
    return "utf-8"
