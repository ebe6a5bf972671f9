"""Check characters that are letters: ISO/IEC 7064 MOD 37-2 (ISBT 128) and the GS1 pair."""

from custody.scan.refusal import RETYPE, refusal, shown

ALPHABET_37 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CSET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def check_character(data: str) -> str:
    """Return the check character K of digits and capital letters: one of 0-9, A-Z and `*`.

    Args:
        data: At least one character, each 0-9 or A-Z; for a donation identification number the
            13 characters without flags: facility, year and sequence.

    Raises:
        ScanError: It is empty, or has another character (small letters are not raised).

    Source: ISO/IEC 7064 MOD 37-2; ICCBBA ST-001 appendix A ("G1234 17 654321" has "A").
    """
    return ALPHABET_37[check_value(data)]


def check_value(data: str) -> int:
    """Return the value of the check character, 0 to 36; see `check_character`."""
    if not data or not set(data) <= set(ALPHABET_37[:-1]):
        wrong = f"{shown(data)} has no check character: it is not of 0-9 and A-Z alone."
        raise refusal(wrong, RETYPE)
    product = 0
    for character in data:
        product = (product + ALPHABET_37.index(character)) * 2 % 37
    return (38 - product) % 37


def has_check_character(text: str) -> bool:
    """Return whether the last character is the check character of those before it."""
    return (
        len(text) > 1
        and set(text[:-1]) <= set(ALPHABET_37[:-1])
        and text[-1] == check_character(text[:-1])
    )


def has_check_pair(text: str) -> bool:
    """Return whether the last two characters are the GS1 check pair of those before them.

    Args:
        text: A value of GS1 character set 82, at most 25 characters.

    Source: GS1 General Specifications 7.9.5, check character pair of the GMN.
    """
    data, pair = text[:-2], text[-2:]
    weighted = zip(reversed(data), _PRIMES, strict=False)
    total = sum(_CSET_82.index(character) * prime for character, prime in weighted) % 1021
    return pair == _CSET_32[total // 32] + _CSET_32[total % 32]
