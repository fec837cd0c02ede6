"""The sub-phrases that sentences are made of. `grammar.py` says how to read them."""

from __future__ import annotations

from slotfill.corpus.airline.grammar import read_rules

PHRASES = read_rules("""
place:
    44* {*.city_name}
    4* {in_region}
    2* {*.airport_name}
    {*.airport_code}
    2* {*.state_name}
    2* {*.city_name} {or:or} {*.city_name}
    (either|) {*.city_name} {or:or} {*.city_name}
    3* {*.city_name} {sorry} {*.city_name}
stop:
    18* {*.city_name}
    {*.airport_name}
    {*.city_name} {or:or} {*.city_name}
    {*.city_name} {sorry} {*.city_name}
sorry:
    3* (uh|um|) i mean
    2* (uh|um|) no
    (no|oh) wait
    (uh|) sorry
    no (make|let's make) that
    actually (make that|no)
    i meant to say

calendar:
    8* on {*.day_name}
    2* {*.day_name}
    3* {*.today_relative}
    3* on {*.month_name} {*.day_number}
    2* on the {*.day_number} of {*.month_name}
    2* {*.date_relative} {*.day_name}
    on {*.day_name} {*.month_name} {*.day_number}
    on {*.day_name} the {*.day_number}
    on {*.day_name} {or:or} {*.day_name}
    on {*.day_name} {sorry} (on|) {*.day_name}
clock:
    5* at {*.time}
    8* {*.time_relative} {*.time}
    5* in the {*.period_of_day:(morning|afternoon|evening)}
    at {*.period_of_day:night}
    2* {*.period_mod} in the {*.period_of_day:(morning|afternoon|evening)}
    (at|) {*.time_relative:around} {*.time}
    at {*.time:(4|5|6|7|8|9) o'clock} in the {*.period_of_day:(morning|evening)}
    2* between {*.start_time} and {*.end_time}
    {*.time_relative} {*.time} {sorry} {*.time_relative} {*.time}
    at {*.time} {sorry} (at|) {*.time}
moment:
    6* {*_date}
    4* {*_time}
    4* {*_date} {*_time}
    2* {*_time} {*_date}
    2* (on|) {*_date.day_name} {*_time.period_of_day}
    {*_date.today_relative:tomorrow} {*_time.period_of_day}
    {*_date.date_relative} {*_date.day_name} {*_time.period_of_day}

show:
    6* (show|give|find|get) me (|the|all|all the)
    3* (i need|i want|i'd like|i would like) (|the|some)
    3* (list|find|show) (|the|all|all the)
    (can|could) you (show|give|find|get) me (|the|all the)
    (i am|i'm) looking for (|the|some)
    i would like (to see|to book|information on) (|the|some)
    tell me about (|the|all)
    (do you have|are there) (|any)
    what are (|the|all the)
flights:
    16* flights
    2* {flight_stop} flights
    2* {round_trip} (flights|tickets)
    2* {class_type} (flights|tickets|seats)
    2* {cost_relative} flights
    2* {flight_mod} (flight|flights)
    2* {depart_time.period_of_day} flights
    {depart_time.period_mod} {depart_time.period_of_day:(morning|afternoon|evening)} flights
    {flight_days} flights
    {connect} flights
    {economy:economy} (flights|seats)
    2* {airline_name} flights
    {airline_code} flights
route:
    14* from {fromloc} to {toloc}
    6* to {toloc} from {fromloc}
    3* between {fromloc.city_name} and {toloc.city_name}
    2* (leaving|departing|departing from) {fromloc} (for|to) {toloc}
    out of {fromloc} (into|to) {toloc}
    2* {fromloc.city_name} to {toloc.city_name}
    2* from {fromloc} (via|through) {stoploc} to {toloc}
    2* from {fromloc} to {toloc} (via|through|by way of) {stoploc}
    2* from {fromloc} to {toloc} {stopover}
    from {fromloc} {sorry} from {fromloc} to {toloc}
    from {fromloc} to {toloc} {sorry} to {toloc}
stopover:
    2* with a (stop|stopover|layover) in {stoploc}
    with a (stop|stopover|layover) of (an hour|two hours|one night|a day) in {stoploc}
    (stopping|that stop|that stops|making a stop|stopping over) in {stoploc}
    which (makes|make) a stop (on the way|along the way|for lunch) in {stoploc}
extra:
    3* (on|with|using) {airline_name}
    on {airline_code}
    2* (in|with) {class_type}
    {round_trip}
    {flight_stop}
    with {flight_stop:no stops}
    (serving|that serve|which serve) {meal_description}
    (with|that serve|which serve) a {meal:(meal|hot meal)}
    on a (boeing|) {aircraft_code}
    for {amount}
    (with|at) the {cost_relative} fare
    {economy:economy}
amount:
    {cost_relative:(under|less than|below|at most)} {fare_amount}
fares:
    4* (fares|airfares|prices)
    3* {round_trip} (fares|airfares|prices)
    3* {cost_relative} (fares|airfares|tickets)
    2* {cost_relative} {round_trip} (fares|airfares|tickets)
    2* {class_type} (fares|airfares|prices)
    {economy:economy} fares
home:
    i (live|am|am staying|work) in {fromloc.city_name}
    my home is (in|) {fromloc.city_name}
    i am (right now|currently|still|at the moment|this week) in {fromloc.city_name}
be_there:
    i (need to|have to|want to|must) (be|arrive|land) in {toloc}
    i (have|must attend) a (meeting|conference|wedding|funeral|show) in {toloc}
    (we|my family and i) (need|have|want) to (be in|arrive in|get into) {toloc}
come_back:
    4* (returning|coming back|going back|flying back)
    2* (and|) (return|come back|fly back)
    (with|and) a (return flight|flight back)
    the way back (is|should be)
    back (home|) again
coming_back:
    6* {come_back} {return}
    {come_back} {return_date.date_relative:(the same day|the next day|the following day|a week later)}
transport:
    8* ground transportation
    4* {transport_type} (service|services)
    public transportation
ground_when:
    on {day_name}
    {today_relative}
    in the {period_of_day:(morning|afternoon|evening)}
    on {month_name} {day_number}
    {time_relative} {time}
""")
