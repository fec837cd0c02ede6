"""The values of the slots that are the same in every split: days, hours, prices, classes, meals, codes."""

from __future__ import annotations


def _listed(text: str) -> list[str]:
    return text.split(", ")


_UNITS = _listed("first, second, third, fourth, fifth, sixth, seventh, eighth, ninth")
_TEENS = _listed("eleventh, twelfth, thirteenth, fourteenth, fifteenth, sixteenth, seventeenth, eighteenth, nineteenth")
_MONTHS = "january, february, march, april, may, june, july, august, september, october, november, december"
_SHORT_MONTHS = "jan, feb, mar, apr, jun, jul, aug, sept, oct, nov, dec"
_HOURS = [8, 9, 10, 5, 6, 7, 4, 3, 11, 12, 2, 1]
_NUMBERS = _listed("five, eight, ten, seven, nine, six, four, eleven, three, two, one")
_DAYS = [*_UNITS, "tenth", *_TEENS, "twentieth", *[f"twenty {unit}" for unit in _UNITS], "thirtieth", "thirty first"]
_ENDS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
_DAYS_IN_FIGURES = [f"{day}{end}" for day in range(1, 32) for end in (_ENDS.get(day, "th"), "")]

_TIMES = [
    "noon",
    *[f"{hour} {half}" for hour in _HOURS for half in ("am", "pm")],
    *[f"{hour} o'clock" for hour in _HOURS],
    "midnight",
    *[f"{hour} {half}" for hour in _NUMBERS for half in ("am", "pm")],
    *[f"{hour}{minutes} {half}" for hour in _HOURS for minutes in (15, 30, 45) for half in ("am", "pm")],
    *[f"{hour}:30 {half}" for hour in _HOURS for half in ("am", "pm")],
    *[f"{hour} thirty" for hour in _NUMBERS],
    *[f"{hour}00" for hour in range(13, 22)],
]

VALUES: dict[str, list[str]] = {
    "day_name": _listed("monday, tuesday, wednesday, thursday, friday, saturday, sunday"),
    "month_name": [*_listed(_MONTHS), *_listed(_SHORT_MONTHS)],
    "day_number": [*_DAYS, *_DAYS_IN_FIGURES],
    "today_relative": _listed("today, tomorrow, tonight, the day after tomorrow"),
    "date_relative": _listed("next, this"),
    "time": _TIMES,
    "start_time": _TIMES,
    "end_time": _TIMES,
    "time_relative": _listed("before, after, by, around, about, no later than, not before"),
    "period_of_day": _listed("morning, afternoon, evening, night"),
    "period_mod": _listed("early, late"),
    "round_trip": _listed("round trip, one way"),
    "class_type": _listed("first class, business class, business, coach, coach class"),
    "flight_mod": _listed("earliest, latest, first, last"),
    "flight_stop": _listed("nonstop, non stop, one stop"),
    "flight_days": _listed("daily, weekday, weekend"),
    "connect": _listed("connecting, direct"),
    "cost_relative": _listed("cheapest, lowest, least expensive, most expensive, cheap, lowest priced, highest"),
    "fare_amount": [f"{amount} dollars" for amount in (80, 100, 150, 200, 250, 300, 400, 500, 700, 900, 1000, 1500)],
    "flight_number": [str(number) for number in range(103, 2400, 37)],
    "meal": _listed("meal, meals, hot meal"),
    "meal_description": _listed("breakfast, lunch, dinner, supper, snacks, a snack"),
    "meal_code": _listed("s, sd, ls, d s, bl"),
    "transport_type": _listed(
        "rental car, car rental, limousine, limo, taxi, train, bus, subway, shuttle, shuttle bus, ferry"
    ),
    "fare_basis_code": _listed("q, qx, qw, qo, fn, yn, bh, m, y, h, k, b, v, bx, f, hl"),
    "restriction_code": _listed("ap57, ap80, ap68, ap 57, ap 80, vu 15, ap fifty five, ap58"),
    "mod": _listed("most, fewest, largest, smallest"),
}
