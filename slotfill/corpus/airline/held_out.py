"""The sentence patterns that train never shows: one set for dev, another for test.

Most of their cue words stand in train too, in other sentences. What is new is how they are put together.
"""

from __future__ import annotations

from slotfill.corpus.airline.grammar import read_rules

_DEV = read_rules("""
flight:
    3* i'm trying to get to {toloc} from {fromloc} {depart}
    2* let's fly from {fromloc} to {toloc} {depart}
    2* any {flights} {depart} from {fromloc} to {toloc}
    2* how can i get from {fromloc} to {toloc} {depart}
    {flights} to {toloc} please i am in {fromloc}
    2* do any {airline_name} flights go from {fromloc} to {toloc} {depart}
    2* please book me on (|the) {flights} {route} {extra}
    2* we are in {fromloc} and we need to be in {toloc} {arrive}
    2* {arrive} my family and i have to be in {toloc} coming from {fromloc}
    2* what leaves {fromloc} {depart} and lands in {toloc} {arrive}
    {toloc.city_name} is where my meeting is and {fromloc.city_name} is where i am staying
    2* from {fromloc} i would like to visit {toloc} {depart}
    my flight starts in {fromloc} stops in {stoploc} and ends in {toloc}
    2* with a stopover in {stoploc} {show} {flights} {route}
    2* when i go back i want a flight to {toloc} from {fromloc} {return}
    {depart} to {toloc} and {return} back to {toloc}
    2* is it possible to fly {route} {depart} {coming_back}
    i prefer {airline_name} if they go to {toloc} {depart}
airfare:
    what would i pay for (|the) {flights} {route}
    i have only {fare_amount} can i fly {route}
    are there any tickets to {toloc} for {amount} {depart}
ground_service:
    once i land in {city_name} can i get a {transport_type}
    do they have {transport} in {city_name}
ground_fare:
    is a {transport_type} expensive in {city_name}
airline:
    who flies from {fromloc} to {toloc} {depart}
abbreviation:
    my ticket says fare code {fare_basis_code} what is that
city:
    tell me which cities {airline_name} flies to
airport:
    tell me the airports that {city_name} has
""")

_TEST = read_rules("""
flight:
    3* i have to travel from {fromloc} to {toloc} {depart} what do you have
    2* please find a way to fly to {toloc} {depart} from {fromloc}
    2* {toloc} is my destination and i want to leave from {fromloc} {depart}
    2* starting from {fromloc} {depart} i would like to go to {toloc}
    2* what is available {depart} from {fromloc} to {toloc}
    2* i am looking at {flights} {route} but it has to be {depart}
    2* which of the flights from {fromloc} to {toloc} are {flight_stop} and leave {depart_time}
    2* the flight i want leaves {fromloc} {depart} and goes to {toloc}
    2* on {airline_name} please {flights} {route} {depart}
    2* are {airline_name} flights going from {fromloc} to {toloc} {depart}
    could i fly {airline_name} to {toloc} {depart}
    2* {home} so {show} {flights} to {toloc} {depart}
    2* {show} {flights} to {toloc} because {home}
    2* i have a conference in {toloc} {arrive} how do i get there from {fromloc}
    2* my wedding is in {toloc} {arrive} and i am still in {fromloc}
    3* i must arrive in {toloc} from {fromloc} {arrive}
    2* {arrive} is when i have to be in {toloc} and {home}
    2* get me from {fromloc} into {toloc} arriving {arrive}
    2* to {toloc} from {fromloc} arriving {arrive} please
    2* i want to start my trip in {fromloc} and end it in {toloc}
    {fromloc.city_name} is where i am now and {toloc.city_name} is where my family lives
    before i get to {toloc} i want to stop in {stoploc} my trip begins in {fromloc}
    2* can we stop over in {stoploc} on a flight from {fromloc} to {toloc}
    2* {show} {flights} that make a stop in {stoploc} between {fromloc.city_name} and {toloc.city_name}
    2* i want to spend a night in {stoploc} if i fly from {fromloc} to {toloc}
    after the meeting in {fromloc} i need to fly back to {toloc} {return}
    3* my flight back from {fromloc} to {toloc} should leave {return}
    2* {depart} i go from {fromloc} to {toloc} and i come back {return}
    2* we will return to {toloc} {return} from {fromloc}
    2* from {fromloc} to {toloc} going {depart} and returning {return}
airfare:
    2* i would like to know the cost of a {round_trip} ticket {route} {depart}
    2* do you have anything for {amount} {route}
    2* what do they charge for {class_type} seats {route}
    how expensive is it to fly {route} {depart}
ground_service:
    2* how would i get around in {city_name} is there a {transport_type}
    2* i will be staying in {city_name} {ground_when} what about a {transport_type}
    can you tell me if {city_name} has {transport}
ground_fare:
    2* what would a {transport_type} cost me in {city_name}
airline:
    2* (list|name|i want) every airline that goes from {fromloc} to {toloc} {depart}
    who has {class_type} seats from {fromloc} to {toloc}
abbreviation:
    2* there is a fare code {fare_basis_code} on my ticket what does it mean
    i do not know what {airline_code} stands for
quantity:
    count the flights {airline_name} has from {fromloc} to {toloc} {depart}
distance:
    is it far from {fromloc.city_name} to {toloc.city_name}
meal:
    on {airline_name} flight {flight_number} do i get {meal_description}
city:
    which cities can i reach with {airline_name}
airport:
    what is the name of the airport in {city_name}
flight_time:
    leaving {fromloc} {depart} when would i arrive in {toloc}
    at what time does the {flight_mod} flight to {toloc} leave {fromloc}
""")

HELD_OUT = {"dev": _DEV, "test": _TEST}
"""The held-out patterns of each split, by intent."""
