"""Cities of the whole world, each in exactly one of train, dev and test.

A line is a state with its code, or a country, then its cities. Early lines are drawn more often than late ones.
"""

from __future__ import annotations

STATES = {
    "train": """
        massachusetts ma: boston, worcester
        colorado co: denver, colorado springs, aspen
        texas tx: dallas, houston, austin, san antonio, el paso, fort worth
        california ca: los angeles, san francisco, san diego, san jose, oakland, sacramento, burbank, long beach
        georgia ga: atlanta, savannah
        pennsylvania pa: philadelphia, pittsburgh, harrisburg
        maryland md: baltimore
        new york ny: new york, buffalo, syracuse, new york city
        district of columbia dc: washington
        illinois il: chicago, peoria
        washington wa: seattle, spokane, tacoma
        florida fl: miami, orlando, tampa, fort lauderdale, west palm beach, jacksonville
        michigan mi: detroit, grand rapids
        minnesota mn: minneapolis, st. paul, duluth
        utah ut: salt lake city, provo
        arizona az: phoenix, tucson, flagstaff
        nevada nv: las vegas, reno
        missouri mo: st. louis, kansas city, springfield
        north carolina nc: charlotte, raleigh
        ohio oh: cleveland, columbus, cincinnati, toledo
        tennessee tn: nashville, memphis
        indiana in: indianapolis, south bend
        ontario on: toronto, ottawa
        louisiana la: new orleans, baton rouge
        hawaii hi: honolulu, hilo
        new jersey nj: newark, trenton
        oregon or: portland, eugene
        wisconsin wi: milwaukee, green bay
        quebec qc: montreal, quebec city
        british columbia bc: vancouver, victoria
        alabama al: birmingham, mobile, montgomery
        alaska ak: anchorage, juneau
        arkansas ar: little rock
        connecticut ct: hartford, new haven
        idaho id: boise
        iowa ia: cedar rapids, dubuque
        kentucky ky: louisville, lexington
        montana mt: billings, great falls
        nebraska ne: omaha
        new mexico nm: albuquerque, santa fe
        oklahoma ok: oklahoma city, tulsa
        south carolina sc: charleston, myrtle beach
        virginia va: richmond, norfolk
        alberta ab: calgary, banff
        new south wales nsw: sydney, newcastle
        """,
    "dev": """
        california ca: fresno, palm springs
        florida fl: key west
        michigan mi: lansing
        north carolina nc: wilmington
        ohio oh: dayton
        texas tx: lubbock
        tennessee tn: chattanooga
        quebec qc: sherbrooke
        """,
    "test": """
        california ca: santa barbara, pasadena
        florida fl: st. petersburg, daytona beach
        georgia ga: macon
        iowa ia: des moines
        michigan mi: kalamazoo
        new york ny: white plains
        texas tx: corpus christi
        virginia va: roanoke
        alberta ab: edmonton
        """,
}

COUNTRIES = {
    "train": """
        england: london, manchester, bristol, leeds
        france: paris, lyon, nice, marseille, bordeaux
        germany: berlin, munich, frankfurt, hamburg, stuttgart, bremen
        japan: tokyo, osaka, kyoto, sapporo, fukuoka
        italy: rome, milan, florence, naples, palermo, bologna
        spain: madrid, barcelona, seville, palma de mallorca, malaga
        netherlands: amsterdam, eindhoven
        china: beijing, shanghai, guangzhou, chengdu, hong kong, xian
        brazil: rio de janeiro, sao paulo, brasilia, salvador, recife
        mexico: mexico city, cancun, guadalajara, puerto vallarta
        australia: melbourne, brisbane, perth, adelaide, darwin, alice springs
        india: new delhi, mumbai, chennai, bangalore, goa, jaipur
        korea: seoul, busan
        ireland: dublin, shannon
        switzerland: zurich, basel
        argentina: buenos aires, cordoba, mendoza
        austria: vienna, salzburg, graz
        bangladesh: dhaka
        belgium: brussels, antwerp
        bolivia: la paz, santa cruz
        bulgaria: sofia
        cambodia: phnom penh
        chile: santiago, valparaiso
        colombia: bogota, medellin, cartagena
        croatia: zagreb, split
        cuba: havana
        czech republic: prague, brno
        denmark: copenhagen, aarhus
        ecuador: quito
        egypt: cairo, luxor
        ethiopia: addis ababa
        finland: helsinki, oulu
        ghana: accra
        greece: athens, thessaloniki
        hungary: budapest
        iceland: reykjavik
        indonesia: jakarta, denpasar
        israel: tel aviv, haifa
        ivory coast: abidjan
        jamaica: kingston, montego bay
        jordan: amman
        kenya: nairobi, mombasa
        latvia: riga
        lebanon: beirut
        malaysia: kuala lumpur, kota kinabalu
        morocco: casablanca, marrakesh
        myanmar: yangon
        nepal: kathmandu
        new zealand: auckland, christchurch
        nigeria: lagos, abuja
        norway: oslo, bergen
        pakistan: karachi, lahore
        peru: lima, cusco
        philippines: manila, cebu
        poland: warsaw, krakow
        portugal: lisbon, faro
        puerto rico: san juan
        romania: bucharest
        russia: moscow, vladivostok
        saudi arabia: riyadh, jeddah
        scotland: edinburgh, inverness
        senegal: dakar
        serbia: belgrade
        south africa: johannesburg, durban, port elizabeth
        sri lanka: colombo
        sweden: stockholm, malmo
        taiwan: kaohsiung
        tanzania: dar es salaam
        thailand: bangkok, phuket, koh samui
        tunisia: tunis
        turkey: istanbul, ankara
        united arab emirates: dubai, ras al khaimah
        uruguay: montevideo
        venezuela: caracas
        vietnam: hanoi, da nang
        """,
    "dev": """
        argentina: bariloche, mar del plata
        australia: cairns
        belgium: ghent
        brazil: belo horizonte, fortaleza
        china: shenzhen, kunming
        colombia: cali
        denmark: odense
        ecuador: guayaquil
        egypt: sharm el sheikh
        england: liverpool
        finland: tampere
        france: toulouse, nantes
        germany: cologne, leipzig
        ghana: kumasi
        greece: heraklion
        india: kolkata, pune
        indonesia: surabaya
        ireland: cork
        italy: venice, genoa
        japan: nagoya, hiroshima
        kenya: kisumu
        malaysia: penang
        mexico: monterrey, cabo san lucas
        morocco: rabat
        new zealand: queenstown
        nigeria: kano
        norway: trondheim
        pakistan: islamabad
        peru: arequipa
        philippines: davao
        poland: gdansk
        portugal: porto
        russia: novosibirsk
        saudi arabia: dammam
        scotland: glasgow
        south africa: bloemfontein
        spain: valencia, bilbao
        sweden: gothenburg
        switzerland: lugano
        thailand: chiang mai
        turkey: izmir
        """,
    "test": """
        argentina: rosario
        australia: canberra, hobart, gold coast
        austria: innsbruck
        brazil: porto alegre, curitiba
        chile: punta arenas
        china: hangzhou, wuhan
        croatia: dubrovnik
        czech republic: ostrava
        egypt: alexandria
        england: exeter, norwich
        finland: rovaniemi
        france: strasbourg, montpellier
        germany: dusseldorf, nuremberg
        greece: rhodes
        iceland: akureyri
        india: hyderabad, ahmedabad
        indonesia: yogyakarta
        ireland: galway
        israel: eilat
        italy: turin, verona
        japan: sendai, naha
        korea: incheon
        malaysia: kuching
        mexico: tijuana, san luis potosi
        morocco: fez
        nepal: pokhara
        netherlands: rotterdam
        new zealand: wellington
        norway: tromso
        peru: iquitos
        poland: wroclaw
        romania: cluj napoca
        russia: saint petersburg
        south africa: cape town, east london
        spain: santiago de compostela, granada
        sweden: kiruna
        switzerland: geneva
        taiwan: taipei, taichung
        turkey: antalya
        united arab emirates: abu dhabi
        vietnam: ho chi minh city
        """,
}
