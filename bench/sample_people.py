"""The hand-made people of the sample address book: persons known by several cards, look-alikes, and bad rows.

Everyone is invented; numbers are of the 555-01xx kind, addresses of the .example and example.com kind. A group is one
person, its cards are the rows of the file; `kind` says what makes them hard to recognise.
"""

# ruff: noqa: E501 - a card reads best on one or two lines

from typing import NamedTuple

__all__ = ["BAD_ROWS", "COMPANIES", "GROUPS", "LOOKALIKES", "Card", "Group"]

Card = dict[str, str]


class Group(NamedTuple):
    """One person: what makes the cards differ, and the cards."""

    kind: str
    cards: list[Card]


# name, domain, main phone, street, city, state, postcode
COMPANIES = [
    ("Bluepine Realty", "bluepine.example", "(415) 555-0100", "500 Harborlight Way", "San Francisco", "CA", "94107"),
    ("Northgate Lending", "northgate.example", "(510) 555-0100", "1200 Telegraph Court", "Oakland", "CA", "94612"),
    ("Halden & Sons Builders", "haldensons.example", "(650) 555-0100", "77 Foundry Lane", "San Mateo", "CA", "94401"),
    ("Cedar Street Dental", "cedardental.example", "(503) 555-0100", "14 Cedar Street", "Portland", "OR", "97209"),
    ("Juniper Analytics", "juniper.example", "(206) 555-0100", "900 Larkspur Avenue", "Seattle", "WA", "98103"),
    ("Beacon Hill Title", "beacontitle.example", "(617) 555-0100", "31 Chestnut Mews", "Boston", "MA", "02116"),
    ("Okonkwo Architects", "okonkwo.example", "(312) 555-0100", "220 Wicker Place", "Chicago", "IL", "60614"),
    ("Lone Star Insurance", "lonestarins.example", "(512) 555-0100", "8 Barton Row", "Austin", "TX", "78704"),
    ("Meadowlark School", "meadowlark.example", "(916) 555-0100", "45 Orchard Drive", "Sacramento", "CA", "95814"),
    ("Palisade Home Inspection", "palisade.example", "(201) 555-0100", "9 River Terrace", "Hoboken", "NJ", "07030"),
]


def _card(first: str = "", last: str = "", **fields: str) -> Card:
    """Make a card of a name and fields by their short names (see COLUMNS of make_samples)."""
    return {"first": first, "last": last, **fields}


def _home(number: str, street: str, city: str, state: str, postcode: str, **more: str) -> Card:
    return {"number": number, "street": street, "city": city, "state": state, "zip": postcode, **more}


WHITFIELD = _home("418", "Juniper Hill Road", "Oakland", "CA", "94607")
CASTELLANO = _home("27", "Marigold Court", "Hoboken", "NJ", "07030", home="(201) 555-0127")
HOLLAND = _home("1650", "Alder Creek Lane", "San Mateo", "CA", "94401", home="(650) 555-0165")
OYELARAN = _home("92", "Thistle Street", "Portland", "OR", "97209", home="503-555-0192")
BEAUMONT = _home("5", "Old Quarry Road", "Northampton", "MA", "01060", home="413-555-0105")

GROUPS = [
    Group("typo in the last name", [
        _card("Jonathan", "Whitfield", mobile="(510) 555-0141", email="jon.whitfield@example.com", birthday="03/14/1979",
              tags="Buyer; Warm", **WHITFIELD),
        _card("Jonathan", "Whitfeild", mobile="510-555-0141", email="jwhitfield79@example.org", city="Oakland", state="CA"),
    ]),
    Group("nickname", [
        _card("Elizabeth", "Marlowe", mobile="(415) 555-0142", email="elizabeth.marlowe@example.com", birthday="11/02/1984",
              tags="Past Client; Holiday Card", **_home("88", "Sandpiper Way", "San Francisco", "CA", "94110")),
        _card("Liz", "Marlowe", mobile="4155550142", notes="Met at the Harborlight open house.", tags="Open House"),
    ]),
    Group("nickname", [
        _card("William", "Okafor", email="w.okafor@example.org", mobile="312-555-0143", company="Okonkwo Architects",
              job="Partner", work_email="william@okonkwo.example", birthday="07/22/1971"),
        _card("Bill", "Okafor", email="w.okafor@example.org", home="(312) 555-0144", tags="Seller",
              spouse_first="Adaeze", spouse_last="Okafor", spouse_email="adaeze.okafor@example.org"),
    ]),
    Group("moved e-mail, new job", [
        _card("Katherine", "Brandt", mobile="206.555.0145", work_email="k.brandt@juniper.example",
              company="Juniper Analytics", job="Data Analyst", birthday="05/30/1990", tags="Buyer"),
        _card("Katherine", "Brandt", mobile="(206) 555-0145", work_email="katherine@lighthousemaps.example",
              company="Lighthouse Maps", job="Head of Data", birthday="05/30/1990", linkedin="in/katherine-brandt-maps"),
    ]),
    Group("first and last name swapped", [
        _card("Kenji", "Nakamura", email="kenji.nakamura@example.com", mobile="650-555-0146", birthday="09/09/1982",
              **_home("301", "Wisteria Lane", "Palo Alto", "CA", "94301")),
        _card("Nakamura", "Kenji", email="kenji.nakamura@example.com", work="(650) 555-0147", tags="Investor"),
    ]),
    Group("work card and home card", [
        _card("Priya", "Raman", mobile="(916) 555-0148", email="priya.raman@example.net", birthday="12/18/1987",
              **_home("64", "Almond Grove", "Sacramento", "CA", "95814")),
        _card("Priya", "Raman", mobile="9165550148", work_email="p.raman@meadowlark.example", company="Meadowlark School",
              job="Principal", work="(916) 555-0100", work_street="45 Orchard Drive", work_city="Sacramento",
              work_state="CA", work_zip="95814", tags="Hot"),
    ]),
    Group("married name", [
        _card("Hannah", "Lindqvist", email="hannah.l@example.com", mobile="503-555-0149", birthday="02/11/1992"),
        _card("Hannah", "Ortega", email="hannah.l@example.com", mobile="(503) 555-0149", birthday="02/11/1992",
              spouse_first="Mateo", spouse_last="Ortega", anniversary="06/21/2024", tags="Buyer; Hot",
              **_home("1210", "Larkspur Loop", "Portland", "OR", "97209", unit="Apt 4B")),
    ]),
    Group("accents", [
        _card("Renée", "Dubois", email="renee.dubois@example.com", mobile="+33 1 99 00 12 34",
              **_home("12", "rue des Tilleuls", "Lyon", "", "69003", country="France")),
        _card("Renee", "Dubois", email="renee.dubois@example.com", company="Atelier Dubois", website="https://atelier-dubois.example"),
    ]),
    Group("accents", [
        _card("Jürgen", "Weiß", mobile="+49 30 23125 123", email="juergen.weiss@example.org", birthday="08/25/1966",
              **_home("7", "Lindenallee", "Berlin", "", "10115", country="Germany")),
        _card("Juergen", "Weiss", work="+49 (0)30 23125-123", email="j.weiss@weissbau.example", company="Weiß Bau GmbH"),
    ]),
    Group("capitals and number formats", [
        _card("Daniel", "O'Connell", mobile="617-555-0150", email="daniel.oconnell@example.com", birthday="04/17/1975",
              tags="Past Client", **_home("3", "Harbor View Terrace", "Boston", "MA", "02116")),
        _card("DANIEL", "OCONNELL", mobile="+1 617 555 0150", email="DANIEL.OCONNELL@EXAMPLE.COM", city="BOSTON", state="MA",
              zip="02116", number="3", street="HARBOR VIEW TER"),
    ]),
    Group("initial only", [
        _card("Theodore", "Abernathy", email="t.abernathy@example.net", mobile="512-555-0151", company="Lone Star Insurance",
              job="Broker"),
        _card("T.", "Abernathy", email="t.abernathy@example.net", work="(512) 555-0100", company="Lone Star Insurance Inc."),
    ]),
    Group("first name only", [
        _card("Marguerite", "Fontaine", email="mfontaine@example.org", mobile="201-555-0152", tags="Seller; Warm"),
        _card("Marguerite", "", mobile="(201) 555-0152", notes="Call after six."),
    ]),
    Group("typo in the e-mail", [
        _card("Samuel", "Adeyemi", email="samuel.adeyemi@example.com", mobile="650 555 0153", birthday="10/05/1988",
              **_home("730", "Fernwood Circle", "Palo Alto", "CA", "94301")),
        _card("Samuel", "Adeyemi", email="samuel.adeyemii@example.com", birthday="10/05/1988", tags="Buyer"),
    ]),
    Group("digit typo in the phone", [
        _card("Ingrid", "Søndergaard", mobile="206-555-0154", email="ingrid.s@example.com", company="Juniper Analytics",
              job="Designer", work_email="ingrid@juniper.example"),
        _card("Ingrid", "Søndergaard", mobile="206-555-0145", work_email="ingrid@juniper.example", tags="Neighbor"),
    ]),
    Group("day and month swapped", [
        _card("Rosalind", "Achterberg", email="rosalind.a@example.net", mobile="303-555-0155", birthday="04/06/1969",
              **_home("19", "Columbine Path", "Denver", "CO", "80203")),
        _card("Rosalind", "Achterberg", home="(303) 555-0156", birthday="06/04/1969", number="19", street="Columbine Path",
              city="Denver", state="CO", zip="80203"),
    ]),
    Group("middle name as first name", [
        _card("Maria", "Villanueva", middle="Consuelo", email="consuelo.v@example.com", mobile="512-555-0157",
              birthday="01/29/1958", tags="Past Client"),
        _card("Consuelo", "Villanueva", email="consuelo.v@example.com", birthday="01/29/1958", home="512-555-0158"),
    ]),
    Group("name in another script", [
        _card("花子", "田中", email="hanako.tanaka@example.com", mobile="+81 3-5550-0123", company="Sakura Trading",
              **_home("2-8-1", "Nishi-Shinjuku", "Tokyo", "", "160-0023", country="Japan")),
        _card("Hanako", "Tanaka", email="hanako.tanaka@example.com", mobile="+81 3 5550 0123", tags="Investor"),
    ]),
    Group("e-mail only", [
        _card("Gwendolyn", "Pryce", email="gwen.pryce@example.org", mobile="415-555-0159", nickname="Gwen", tags="Warm",
              birthday="03/03/1981"),
        _card("", "", email="gwen.pryce@example.org", tags="Newsletter"),
    ]),
    Group("three cards of one person", [
        _card("Alexander", "Petrov", email="alex.petrov@example.com", mobile="(415) 555-0160", birthday="06/15/1977",
              company="Bluepine Realty", job="Agent", work_email="alexander@bluepine.example", tags="Agent",
              **_home("2150", "Lombardy Place", "San Francisco", "CA", "94110")),
        _card("Alex", "Petrov", work_email="alexander@bluepine.example", work="(415) 555-0100", company="Bluepine Realty",
              website="https://bluepine.example"),
        _card("Aleksandr", "Petrov", mobile="415.555.0160", email="alex.petrov@example.com", tags="Vendor; Agent",
              spouse_first="Irina", spouse_last="Petrova", spouse_email="irina.petrova@example.com"),
    ]),
    Group("four cards of one person", [
        _card("Margaret", "Sullivan", title="Dr.", email="margaret.sullivan@example.com", mobile="(617) 555-0161",
              birthday="09/27/1963", tags="Past Client; Holiday Card",
              **_home("12", "Oak Road", "Boston", "MA", "02116", unit="Suite 850")),
        _card("Peggy", "Sullivan", mobile="617-555-0161", notes="Prefers to be called Peggy.", home="(617) 555-0162"),
        _card("Margaret", "Sulivan", email="margaret.sullivan@example.com", company="Beacon Hill Title", job="Counsel"),
        _card("M.", "Sullivan", email="msullivan@beacontitle.example", home="6175550162", company="Beacon Hill Title",
              job="General Counsel", tags="Warm"),
    ]),
    Group("the same card twice", [
        _card("Tobias", "Engström", email="tobias.engstrom@example.net", mobile="+46 8 465 004 12", birthday="12/01/1985",
              **_home("14", "Björkvägen", "Stockholm", "", "111 22", country="Sweden")),
        _card("Tobias", "Engström", email="tobias.engstrom@example.net", mobile="+46 8 465 004 12", birthday="12/01/1985",
              **_home("14", "Björkvägen", "Stockholm", "", "111 22", country="Sweden")),
    ]),
    Group("placeholder instead of an e-mail", [
        _card("Lorraine", "Chaudhry", email="none@none.com", mobile="510-555-0163", birthday="08/08/1972",
              **_home("450", "Redwood Bend", "Oakland", "CA", "94607")),
        _card("Lorraine", "Chaudhry", email="lorraine.chaudhry@example.com", mobile="5105550163", tags="Seller"),
    ]),
    Group("moved house", [
        _card("Desmond", "Achebe", email="desmond.achebe@example.org", mobile="312.555.0164", birthday="05/19/1980",
              **_home("1801", "Wicker Place", "Chicago", "IL", "60614")),
        _card("Desmond", "Achebe", email="desmond.achebe@example.org", birthday="05/19/1980", tags="Past Client",
              **_home("233", "Prairie Dock Drive", "Sacramento", "CA", "95814")),
    ]),
    Group("two given names", [
        _card("Anne-Marie", "Lefèvre", email="am.lefevre@example.com", mobile="413-555-0166", tags="Buyer",
              **_home("40", "Mill Pond Road", "Northampton", "MA", "01060")),
        _card("Anne Marie", "Lefevre", mobile="(413) 555-0166", company="Mill Pond Pottery"),
    ]),
    Group("shared office number, own e-mail", [
        _card("Yusuf", "Demir", work="(510) 555-0100", work_email="yusuf.demir@northgate.example", company="Northgate Lending",
              job="Loan Officer", tags="Lender"),
        _card("Yusuf", "Demir", mobile="510-555-0168", work_email="yusuf.demir@northgate.example", birthday="07/07/1983"),
    ]),
]  # fmt: skip

# Different persons who share something: no two cards of one list are the same person.
LOOKALIKES = [
    Group("father and son", [
        _card("Robert", "Castellano Sr.", email="robert.castellano@example.com", birthday="01/12/1948",
              spouse_first="Rosa", spouse_last="Castellano", tags="Past Client", **CASTELLANO),
        _card("Robert", "Castellano Jr.", email="rob.castellano.jr@example.com", mobile="201-555-0128",
              birthday="09/30/1976", tags="Seller", **CASTELLANO),
    ]),
    Group("household", [
        _card("Gregory", "Holland", email="thehollands@example.com", mobile="650-555-0166", birthday="02/20/1974",
              spouse_first="Simone", spouse_last="Holland", anniversary="08/16/2003", tags="Buyer; Hot", **HOLLAND),
        _card("Simone", "Holland", email="thehollands@example.com", mobile="650-555-0167", birthday="10/11/1976",
              spouse_first="Gregory", spouse_last="Holland", anniversary="08/16/2003", **HOLLAND),
        _card("Phoebe", "Holland", email="phoebe.holland@example.com", birthday="05/05/2006", **HOLLAND),
    ]),
    Group("household", [
        _card("Folasade", "Oyelaran", email="folasade@example.org", birthday="11/23/1989", tags="Past Client", **OYELARAN),
        _card("Babatunde", "Oyelaran", email="babatunde@example.org", birthday="06/02/1986", **OYELARAN),
    ]),
    Group("twins", [
        _card("Colette", "Beaumont", email="colette.beaumont@example.net", birthday="03/21/1995", **BEAUMONT),
        _card("Cosette", "Beaumont", email="cosette.beaumont@example.net", birthday="03/21/1995", **BEAUMONT),
    ]),
    Group("namesakes", [
        _card("Maria", "Garcia", email="maria.garcia@example.com", mobile="512-555-0171", birthday="04/04/1968",
              **_home("9", "Pecan Bend", "Austin", "TX", "78704")),
        _card("Maria", "Garcia", email="mgarcia.designs@example.org", mobile="206-555-0172", birthday="12/28/1993",
              **_home("5512", "Ballast Avenue", "Seattle", "WA", "98103")),
    ]),
    Group("colleagues behind one address", [
        _card("Harriet", "Vance", work_email="info@palisade.example", company="Palisade Home Inspection", work="(201) 555-0100",
              job="Inspector", tags="Vendor"),
        _card("Dominic", "Szczepański", work_email="info@palisade.example", company="Palisade Home Inspection",
              work="(201) 555-0100", job="Owner", tags="Vendor"),
        _card("Leila", "Haddad", work_email="info@palisade.example", company="Palisade Home Inspection", work="(201) 555-0100",
              job="Office Manager"),
    ]),
    Group("the same placeholders", [
        _card("Winston", "Ashdown", email="none@none.com", mobile="000-000-0000", birthday="07/01/1950"),
        _card("Beatrix", "Coleridge", email="none@none.com", mobile="000-000-0000", tags="Seller"),
        _card("Nnamdi", "Eze", email="noemail@noemail.com", mobile="(000) 000-0000", company="Eze Landscaping"),
        _card("Ottoline", "Farquhar", email="none@none.com", mobile="999-999-9999"),
    ]),
    Group("the same masked e-mail", [
        _card("Percival", "Grantham", email="[email\u00a0protected]", mobile="303-555-0173"),
        _card("Xiomara", "Quiñones", email="[email\u00a0protected]", mobile="916-555-0174", tags="Buyer"),
        _card("小明", "王", email="[email\u00a0protected]", mobile="415-555-0175", nickname="Xiaoming"),
    ]),
]  # fmt: skip

# The last rows of the file: one value of each cannot be taken, or nothing of the row.
BAD_ROWS = [
    _card("Bartholomew", "Quigley", id="R-1301", email="bart.quigley at example.com", mobile="617-555-0176"),
    _card("Clementine", "Rasmussen", id="R-1302", email="clementine@example.com", birthday="13/25/1980"),
    _card("Ezekiel", "Thornbury", id="R-1303", mobile="n/a", email="ezekiel.thornbury@example.org"),
    _card(
        "Florence",
        "Underhill",
        id="R-1304",
        email="florence.underhill@example",
        birthday="02/30/1991",
        mobile="503-555-0177",
    ),
    _card("Gideon", "Vandermeer", id="R-1305", company="#N/A", mobile="206-555-0178", job="Surveyor"),
    _card(),
    _card(email="nobody knows"),
]
