"""Words the strangers of the sample address book are made of."""

# ruff: noqa: E501, SIM905 - lists of words read best as text

__all__ = ["FIRSTS", "JOBS", "LASTS", "LEADS", "NOTES", "PLACES", "STREETS", "TAGS"]

FIRSTS = (
    "Abigail Adrian Agnes Alistair Amara Anselm Ariadne Arthur Astrid Aurelia Barnaby Benedict Bianca Blythe Bridget "
    "Bruno Callum Camille Cassius Cecily Celeste Chiara Clarence Cordelia Cyrus Dahlia Damian Daphne Declan Delphine "
    "Dorian Edith Eleanor Elias Eloise Emeka Esme Esteban Etienne Eugene Fabian Farah Felix Fergus Fiona Flora Frieda "
    "Gael Genevieve Gilbert Greta Gustav Hadley Harvey Hector Helena Hollis Hugo Ibrahim Imogen Ines Isidore Ivy Jasper "
    "Joachim Josephine Juno Kaspar Keziah Lachlan Lavinia Leopold Lionel Lucinda Ludovic Magnus Malik Marcella Matilda "
    "Maxim Mercedes Milo Mirabel Nadia Naveen Nettie Noor Octavia Odette Olga Orlando Oscar Pascal Penelope Perpetua "
    "Quentin Rafaela Reuben Rhiannon Roland Rowan Rufus Sabine Sanjay Saskia Selma Sidney Silas Stellan Sunniva Sylvester "
    "Tabitha Tamsin Thaddeus Ursula Valentin Verity Vivian Walter Wilhelmina Xavier Yolanda Zachary Zelda Zoë"
).split()
LASTS = (
    "Abbott Alcázar Allardyce Amsel Arkwright Ashby Babineaux Bancroft Barrow Bellweather Bjørnson Blackwood Bosworth "
    "Braithwaite Brannigan Buxton Calloway Carmody Cavendish Chisholm Clearwater Cobb Covington Cromwell Dalgaard Danvers "
    "Delacroix Desrosiers Drummond Dunleavy Eastman Eberhardt Ellsworth Fairbanks Fenwick Fitzroy Gallagher Garrick "
    "Gillespie Goodwin Granger Grimaldi Haas Hargrove Hathaway Hensley Hightower Hollister Huxley Ibáñez Ingersoll Jankowski "
    "Jansen Kaplan Keating Kirkland Kovács Laforge Langley Larrabee Lockwood Lundgren MacAllister Mandel Marchetti Mercer "
    "Middleton Montague Moravec Nakashima Nightingale Nováková Nygaard Oakes Oduya Osborne Paget Palmer Pemberton Petridis "
    "Pickering Prescott Quimby Radcliffe Ravenscroft Redfern Rizzo Rutledge Saavedra Salazar Santiago Schreiber Seabrook "
    "Sheffield Shimizu Sinclair Solberg Stanhope Sterling Talbot Tennyson Thackeray Tremblay Trujillo Ulrich Vasquez Venkatesan "
    "Wadsworth Wainwright Waverly Weatherby Wexler Whitaker Winslow Wójcik Yarborough Yeats Zamora Zimmerman Żak Østergaard"
).split()
STREETS = (
    "Acorn Lane|Birch Hollow|Canterbury Drive|Dogwood Circle|Elderberry Street|Foxglove Avenue|Gable Road|Heron Point|"
    "Ivy Bridge Road|Jasmine Court|Kestrel Way|Linden Terrace|Magnolia Street|Nutmeg Lane|Orchid Place|Pebble Creek Road|"
    "Quail Run|Rosemary Drive|Sycamore Avenue|Tamarind Street|Umber Court|Violet Hill|Willow Bend|Yarrow Street"
).split("|")
PLACES = [
    ("San Francisco", "CA", "94110", "415"), ("Oakland", "CA", "94607", "510"), ("San Mateo", "CA", "94401", "650"),
    ("Sacramento", "CA", "95814", "916"), ("Portland", "OR", "97209", "503"), ("Seattle", "WA", "98103", "206"),
    ("Boston", "MA", "02116", "617"), ("Northampton", "MA", "01060", "413"), ("Hoboken", "NJ", "07030", "201"),
    ("Austin", "TX", "78704", "512"), ("Denver", "CO", "80203", "303"), ("Chicago", "IL", "60614", "312"),
]  # fmt: skip
JOBS = (
    "Accountant",
    "Teacher",
    "Surveyor",
    "Nurse",
    "Carpenter",
    "Engineer",
    "Librarian",
    "Attorney",
    "Chef",
    "Dentist",
)
TAGS = ("Buyer", "Seller", "Warm", "Hot", "Past Client", "Agent", "Holiday Card", "Open House", "Neighbor", "Investor")
LEADS = ("Open House", "Referral", "Website", "Sign Call", "Mailer")
NOTES = (
    "Met at the spring fair.", "Two dogs, wants a garden.", "Ask about the school district.", "Refers friends often.",
    "Prefers e-mail, never calls.", "Moving for work in the autumn.",
)  # fmt: skip
