"""The sentence patterns of train, by intent. They also make the part of dev and test that is not held out."""

from __future__ import annotations

from slotfill.corpus.airline.grammar import read_rules

WEIGHTS = {
    "flight": 60,
    "airfare": 9,
    "ground_service": 6,
    "airline": 4,
    "abbreviation": 3,
    "aircraft": 2,
    "flight_time": 2,
    "quantity": 2,
    "capacity": 1,
    "distance": 2,
    "meal": 1,
    "city": 2,
    "airport": 2,
    "restriction": 1,
    "flight_no": 1,
    "ground_fare": 2,
    "cheapest": 1,
    "flight#airfare": 1,
    "airline#flight_no": 1,
}
"""How often each intent is asked, of the sum of them all."""

PATTERNS = read_rules("""
flight:
    3* fly to {toloc}
    2* fly to {toloc} {depart}
    3* fly from {fromloc} to {toloc}
    2* flights to {toloc}
    2* flights to {toloc} {depart}
    2* (tickets|a ticket|a flight) to {toloc}
    3* (i want|i'd like|i need|i would like) to (go|fly|travel|get) to {toloc}
    2* (i want|i'd like|i need|i would like) to (go|fly|travel|get) to {toloc} {depart}
    (get|take|fly) me to {toloc}
    2* {fromloc.city_name} to {toloc} {depart}
    {fromloc.city_name} to {toloc}
    {depart} from {fromloc} to {toloc}

    10* {show} {flights} {route}
    12* {show} {flights} {route} {depart}
    4* {show} {flights} {depart} {route}
    5* {show} {flights} {route} {extra}
    3* {show} {flights} {route} {extra} {depart}
    3* {show} {flights} {route} {depart} {extra}
    2* {show} {flights} {extra} from {fromloc} to {toloc}
    2* {show} {flights} {route} {extra} {extra}
    2* {show} {flights} to {toloc} {depart}
    2* {show} {flights} from {fromloc} {depart}
    2* {show} {flights} leaving {fromloc} {depart} that stop in {stoploc}
    4* (i want|i'd like|i need|i would like) to (fly|go|travel|get) {route} {depart}
    2* (book|book me|get me|i need) (a flight|a ticket|two tickets|2 tickets|3 tickets|4 seats) {route} {depart}
    {show} {flights} {route} {depart} with a (window|aisle) seat
    2* i (need|want|would like) to (go|fly) from {fromloc} to {toloc} (and|) then on to {toloc} {depart}
    2* (what|which) flights (go|leave|depart|are there) from {fromloc} to {toloc} {depart}
    2* is there a flight {route} {depart}
    2* can (i|we) (fly|go|get) from {fromloc} to {toloc} {depart}
    {depart} i (want|need|would like) to (fly|go|travel) {route}
    2* does {airline_name} (fly|go|have a flight) from {fromloc} to {toloc} {depart}
    (i want|i'd like) a flight {route} that (leaves|departs) {depart_time}

    6* {show} {flights} (arriving|landing|getting) in {toloc} from {fromloc} {arrive}
    4* {show} {flights} {route} (arriving|landing|that arrive|that arrives|that gets in) {arrive}
    3* {show} {flights} (arriving|landing) {arrive} in {toloc} from {fromloc}
    2* {show} {flights} arriving in {toloc} {arrive}
    3* {show} {flights} leaving {fromloc} {depart} and arriving in {toloc} {arrive}
    2* {show} {flights} that (leave|depart) {depart_time} and arrive in {toloc} {arrive_time}
    3* arriving in {toloc} from {fromloc} {arrive}
    2* (what|which) flights from {fromloc} (arrive|land|get) in {toloc} {arrive}
    2* (what|which) flight (will|would) get me (into|to) {toloc} from {fromloc} {arrive}
    4* {be_there} {arrive} and {home}
    4* {home} (and|but) {be_there} {arrive}
    2* {be_there} {arrive} {show} {flights} from {fromloc}
    2* {arrive} {be_there} and i (am leaving|will start) from {fromloc}

    2* {show} {flights} from {fromloc} because {be_there} {arrive}
    4* {home} and (i|) (want|would like) to (go to|visit|see|travel to) {toloc} {depart}
    2* {home} and (i|) (want|would like) to (go to|visit|see) {toloc} and {toloc}
    2* my trip (starts|begins) in {fromloc} and ends in {toloc}
    my destination is {toloc} and my starting point is {fromloc}
    2* {toloc.city_name} is where i (want|need|have) to (go|be) and {fromloc.city_name} is where i live
    {fromloc.city_name} is where i (live|am) and {toloc.city_name} is where i (want|need) to go {depart}
    2* on (my|the) way from {fromloc} to {toloc} i (want|would like) to (stop|stop over|spend a night) in {stoploc}
    2* i (want|would like) to (stop|stop over|spend a night) in {stoploc} on (my|the) way from {fromloc} to {toloc}
    2* on (my|the) way to {toloc} i would like to (see|visit) {stoploc}
    2* can (i|we) (stop|spend a night|stop over) in {stoploc} if (i|we) (go|fly) to {toloc} {depart}
    before (i|we) go home to {toloc} (i want|we want) to (see|visit) {stoploc}
    is there a flight from {fromloc} to {toloc} (and|) does it stop in {stoploc}
    2* i (want|need) to (go|fly|travel) to {toloc} leaving from {fromloc} {depart} with a (stop|stopover) in {stoploc}

    4* {show} {flights} {route} {depart} {coming_back}
    2* (i want|i'd like|i need) to (fly|go) {route} {coming_back}
    3* i (also|) need a flight back (to {toloc}|from {fromloc} to {toloc}|) {return}
    3* for the (way|trip|flight|journey) back i (need|want|would like) a flight from {fromloc} to {toloc} {return}
    2* (on|for) the (way|trip) back i (want|need) to leave {fromloc} {return}
    {return} i (want|need) to (come|fly|go) back to {toloc}
    2* {home} and want to go to {toloc} {depart} {coming_back}
    2* {home} and (i'd|i would) like to go to {toloc} {depart} {stopover} {coming_back} on {airline_name}
    from {fromloc} to {toloc} {depart} and back {return}

    {airline_name} flight {flight_number} from {fromloc} to {toloc}
    2* (show me|i want|give me) {airline_name} flight {flight_number} {depart}
    (what about|how about) {depart_time.period_of_day:(morning|afternoon|evening)} flights {depart_date}
    {round_trip} (please|is fine|only)
    (i would prefer|i want) {class_type} (please|)
    the {flight_mod} flight (please|) {depart_date}

airfare:
    5* {show} {fares} {route}
    4* {show} {fares} {route} {depart}
    2* {show} {fares} {route} (on|with) {airline_name}
    3* (what are|what're|tell me) (|the|your) {fares} {route}
    2* (what is|what's|tell me|i want) the {cost_relative} ({round_trip}|) (fare|airfare|ticket) {route}
    2* how much is (a|the) (flight|ticket) {route} {depart}
    2* how much does (a|the) (flight|ticket) cost {route} {depart}
    2* (flights|tickets) {route} (for|costing) {amount}
    {show} {fares} for flights arriving in {toloc} from {fromloc} {arrive}
    2* {home} (and|) how much (is a {round_trip} ticket|would a ticket be) to {toloc} {depart}
    what does it cost to fly {airline_name} from {fromloc} to {toloc} {coming_back}

ground_service:
    4* (what|which|what kind of) {transport} (is there|is available|can i get|do they have) in {city_name}
    3* (is there a|can i get a|i need a|where do i find a) {transport_type} in {city_name}
    3* {show} {transport} in {city_name}
    2* (is there|do you have) {transport} in {city_name} {ground_when}
    2* (is there|do you have) {transport} from {fromloc.airport_name} to (downtown|) {toloc.city_name}
    2* {transport} in {city_name} {ground_when}
    in {city_name} (is there|do you have|what about) {transport}
    2* i will be in {city_name} {ground_when} and (need a|want a) {transport_type}
    how (can|do) i get (from the airport to downtown|downtown|from the airport) in {city_name}
    {transport} in {city_name} and in {city_name}
    {transport} at {airport_name}

ground_fare:
    2* how much (is a {transport_type}|does a {transport_type} cost) in {city_name}
    2* what (is the price|are the rates) of {transport} in {city_name}
    {transport} (prices|rates) in {city_name}
    how much is a {transport_type} from {fromloc.airport_name} to downtown {toloc.city_name}

airline:
    3* (what|which) airlines (fly|go) {route} {depart}
    2* (what|which) airlines (fly|go) (to|into) {toloc}
    2* (what|which) (airlines serve|airline serves) {city_name}
    (which|what) airline has the {mod:(most|fewest)} flights (to|into) {toloc}
    2* (show me|list|what are) (the|all the) airlines that have flights {route}
    (which|what) airlines (have|offer) {class_type} (seats|flights) from {fromloc} to {toloc}

abbreviation:
    3* what does (the|) fare code {fare_basis_code} (mean|stand for)
    2* (what is|what's) (the|) fare code {fare_basis_code}
    2* what is {airline_code}
    2* what does (the airline code|the abbreviation|) {airline_code} (mean|stand for)
    2* (what|which) (airport|city) is {airport_code}
    what does {airport_code} stand for
    tell me what {airline_code} (means|stands for)
    what does (the|) restriction {restriction_code} mean
    (explain|what is) (the|) restriction {restriction_code}
    what does meal code {meal_code} (mean|stand for)
    (which|what) airline is {airline_code}

aircraft:
    3* (what|what kind of|which|what type of) (plane|aircraft|airplane) (is used|do they use|flies) {route} {depart}
    2* what (kind|type) of (plane|aircraft) is {airline_name} flight {flight_number}
    (what is|describe|tell me about) (a|the) (boeing|) {aircraft_code}
    (what|which) is the {mod:(largest|smallest)} (plane|aircraft) (that|) {airline_name} (has|flies)

flight_time:
    2* (what are|show me|list) the (departure|arrival) times {route} {depart_date}
    2* (what time|when) does the {flight_mod} flight leave {fromloc} for {toloc}
    (what time|when) does {airline_name} flight {flight_number} (leave|arrive)
    how long (is the flight|does the flight take|does it take to fly) from {fromloc} to {toloc}

quantity:
    3* how many flights does {airline_name} have (to {toloc}|from {fromloc}|{route}) {depart_date}
    2* how many {flight_stop} flights (go|are there) {route}
    how many {airline_name} flights (leave|depart) {fromloc} {depart}
    how many flights (arrive|land) in {toloc} {arrive}
    how many (airports|airlines) are there in {city_name}

capacity:
    how many (people|passengers|seats) (fit|fly|can fly) on a (boeing|) {aircraft_code}
    what is the (seating|) capacity of (a|the) (boeing|) {aircraft_code}
    how many (people|passengers) does {airline_name} flight {flight_number} (carry|hold)

distance:
    2* how far is it from {fromloc.city_name} to {toloc.city_name}
    what is the distance (from {fromloc.city_name} to|between {fromloc.city_name} and) {toloc.city_name}
    2* how far is (the airport|{airport_name}) from (downtown|the center of|) {city_name}

meal:
    2* what {meal:meals} (are served|do they serve|are offered) on {airline_name} flight {flight_number}
    do they serve {meal_description} on (the|) flight {flight_number} to {toloc}
    is there a {meal:(meal|hot meal)} on the {flight_mod} flight from {fromloc} to {toloc}

city:
    2* (what|which) cities does {airline_name} (serve|fly to|fly from)
    where is {city_name}
    2* (what|which) (country|state|time zone) is {city_name} in
    (what|which) city is {airport_name} in

airport:
    2* (what|which) airports (are there|are) (in|near|close to) {city_name}
    2* (what|which) airport is (the|) (closest|nearest) to {city_name}
    (does {city_name} have|has {city_name} got) an airport
    where is the airport called {airport_name}
    (list|show me) (all|) (the|) airports in {state_name}

restriction:
    2* (what|which) restrictions (apply to|are there on|come with) (|the) {fares} {route}
    is there a (penalty|fee) for changing a {round_trip} ticket to {toloc}
    what are the restrictions (on|of) fare code {fare_basis_code}

flight_no:
    2* (what is|give me) the flight number of the {flight_mod} flight {route}
    (what are the|list the|) flight numbers {route} {depart}

cheapest:
    what is the {cost_relative} (fare|ticket|flight) (you have|there is|in your list)
    which fare is the {cost_relative:(cheapest|lowest)} (of all|)

flight#airfare:
    {show} {flights} {route} {depart} (and the|and their|with their) (fares|prices|cost)
    (what|which) flights go {route} and how much (are they|do they cost)

airline#flight_no:
    (what is|give me) the airline and flight number (of|for) the {flight_mod} flight {route}
    (which airline|what airline) and flight number (gets|arrives) in {toloc} {arrive}
""")
