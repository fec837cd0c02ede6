"""Airlines as people say them, and their codes, each in exactly one of train, dev and test; aircraft types."""

from __future__ import annotations

_AIRLINES = {
    "train": """
        aa american airlines, american, american airline
        ua united airlines, united
        dl delta air lines, delta, delta airlines
        co continental airlines, continental
        nw northwest airlines, northwest
        wn southwest airlines, southwest
        hp america west
        ea eastern airlines, eastern
        twa trans world airlines
        ac air canada
        b6 jetblue
        yx midwest express
        ff tower air
        af air france
        ba british airways
        lh lufthansa
        ib iberia
        az alitalia
        kl klm
        sk scandinavian airlines
        ay finnair
        lx swiss
        tp tap portugal
        ei aer lingus
        fr ryanair
        tk turkish airlines
        ek emirates
        qr qatar airways
        ly el al
        sv saudia
        ai air india
        sq singapore airlines
        mh malaysia airlines
        tg thai airways
        ga garuda
        cx cathay pacific
        jl japan airlines
        ke korean air
        mu china eastern
        qf qantas
        nz air new zealand
        la latam
        av avianca
        cm copa airlines
        ar aerolineas argentinas
        am aeromexico
        ms egyptair
        et ethiopian airlines
        kq kenya airways
        sa south african airways
        """,
    "dev": """
        as alaska airlines
        ci china airlines
        os austrian airlines
        vn vietnam airlines
        g3 gol
        hv transavia
        at royal air maroc
        """,
    "test": """
        us us air
        lo lot polish airlines
        br eva air
        nh all nippon airways
        ha hawaiian airlines
        u2 easyjet
        sn brussels airlines
        pr philippine airlines
        wy oman air
        vs virgin atlantic
        nk spirit airlines
        """,
}

_EVERYDAY = ("am", "as", "at", "co", "la", "us")
"""Airline codes that are words of their own; the grammar leaves them out."""

_AIRCRAFT = "737 747 757 767 777 787 dc10 dc9 md80 d9s m80 f28 l1011 j31 crj a320 a330 a350 a380 e190 72s 73s"


def values(split: str) -> dict[str, list[str]]:
    """The values of the slots that name airlines, for one split."""
    rows = [line.strip().partition(" ") for line in _AIRLINES[split].strip().splitlines()]
    return {
        "airline_name": [name for _, _, names in rows for name in names.split(", ")],
        "airline_code": [code for code, _, _ in rows if code not in _EVERYDAY],
        "aircraft_code": _AIRCRAFT.split(),
    }
