"""Words for people: temperatures, durations, excursions, verdicts and silence."""

from typing import assert_never

from alerts.findings import Certainty, Excursion
from alerts.rules import SECOND_US
from alerts.silence import Miss
from alerts.verdict import Outcome, Verdict
from schemas.profile_parts import Side

MINUS = "\N{MINUS SIGN}"

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def degrees(value_c: float, digits: int = 1) -> str:
    """Return a measured temperature with a true minus sign: "−142.3 °C", "−142.0 °C"."""
    text = f"{value_c:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return f"{text.replace('-', MINUS)} °C"


def limit_degrees(value_c: float) -> str:
    """Return a limit as it is written: "−150 °C", "2.5 °C"."""
    text = degrees(value_c, 3).removesuffix(" °C").rstrip("0").rstrip(".")
    return f"{text} °C"


def duration(for_us: int) -> str:
    """Return a duration in two units at most, rounded down: "6 min 20 s", "1 h 12 min", "0 s"."""
    rest = for_us // SECOND_US
    words: list[str] = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        if words or count:
            words.append(f"{count} {name}" if count else "")
    return " ".join(word for word in words[:2] if word) or "0 s"


def peak(excursion: Excursion) -> str:
    """Return the peak with as many decimals as it takes to read as beyond the limit passed."""
    over = 1 if excursion.side is Side.ABOVE else -1
    for digits in (1, 2):
        if over * (round(excursion.peak_c, digits) - excursion.threshold_c) > 0:
            return degrees(excursion.peak_c, digits)
    return degrees(excursion.peak_c, 3)


def excursion_headline(excursion: Excursion) -> str:
    """Return an excursion in a line: "−142.3 °C, limit −150 °C, for 6 min 20 s"."""
    words = f"{peak(excursion)}, limit {limit_degrees(excursion.limit_c)}"
    if excursion.reading_count == 1:
        return f"{words}, one reading"
    return f"{words}, for {duration(excursion.duration_us)}"


def excursion_sentence(excursion: Excursion) -> str:
    """Return an excursion in a sentence, with what is uncertain or unknown about it."""
    worst = "Up to" if excursion.side is Side.ABOVE else "Down to"
    beyond = f"{excursion.side.value} {limit_degrees(excursion.threshold_c)}"
    words = [f"{worst} {peak(excursion)}: {beyond} for {duration(excursion.duration_us)}"]
    if excursion.ended_us is None:
        words.append(" so far")
    if excursion.unmonitored_us:
        words.append(f", and {duration(excursion.unmonitored_us)} inside it not monitored")
    words.append(".")
    if excursion.certainty is Certainty.POSSIBLE:
        words.append(
            f" The logger's ±{limit_degrees(excursion.accuracy_c)} leaves it open whether "
            f"{limit_degrees(excursion.limit_c)} was passed for long enough."
        )
    return "".join(words)


def verdict_sentence(verdict: Verdict) -> str:
    """Return a verdict in a sentence, never without its coverage."""
    seen = f"{verdict.coverage_pct:g} % of the time monitored"
    if not verdict.received:
        return "Indeterminate: no reading yet."
    if verdict.longest_gap_us:
        seen += f", longest gap {duration(verdict.longest_gap_us)}"
    match verdict.outcome:
        case Outcome.WITHIN:
            return f"Within limits; {seen}."
        case Outcome.POSSIBLE:
            return f"A limit was possibly passed, within the logger's accuracy; {seen}."
        case Outcome.EXCURSION:
            return f"A limit was passed; {seen}."
        case Outcome.INDETERMINATE:
            return f"Indeterminate: too little was monitored to call it within limits; {seen}."
        case _:
            assert_never(verdict.outcome)


def silence_sentence(*, miss: Miss, silent_us: int, expected_us: int) -> str:
    """Return what is to be said about a silent logger; nothing about the temperature follows."""
    if miss is Miss.NONE:
        return f"Last heard {duration(silent_us)} ago."
    again = " for the second time" if miss is Miss.SECOND else ""
    return (
        f"Nothing heard for {duration(silent_us)}; expected every {duration(expected_us)}, "
        f"missed{again}. Silence says nothing about the temperature."
    )
