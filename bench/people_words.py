"""Words the generator of people draws from: names with their usual short forms, streets, cities, trades.

The short forms are the generator's own, so that finding them again proves something about the matcher's.
"""

__all__ = ["CITIES", "FIRST_NAMES", "JOBS", "LAST_NAMES", "MAIL_HOSTS", "SHORT_FORMS", "STREETS", "SYLLABLES", "TRADES"]

_FIRST_NAMES = """
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret
Donald Ashley Steven Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa
Timothy Deborah Ronald Stephanie George Rebecca Jason Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob
Amy Gary Kathleen Nicholas Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott
Anna Brandon Samantha Benjamin Katherine Samuel Christine Gregory Debra Alexander Rachel Patrick Carolyn Frank
Janet Raymond Maria Jack Olivia Dennis Heather Jerry Helen Tyler Catherine Aaron Diane Jose Julie Adam
Victoria Nathan Joyce Henry Lauren Zachary Kelly Douglas Christina Peter Ruth Kyle Joan Noah Virginia Ethan
Judith Jeremy Evelyn Christian Hannah Walter Andrea Keith Megan Austin Cheryl Roger Jacqueline Terry Madison
Sean Teresa Gerald Abigail Carl Sophia Dylan Martha Harold Sara Jordan Gloria Jesse Janice Bryan Kathryn
Lawrence Ann Arthur Isabella Gabriel Judy Bruce Charlotte Logan Julia Billy Grace Joe Amber Alan Alice Juan
Jean Elijah Denise Willie Frances Albert Danielle Wayne Marilyn Randy Natalie Mason Beverly Vincent Diana Liam
Brittany Roy Theresa Bobby Kayla Caleb Alexis Bradley Doris Russell Lori Lucas Tiffany Priya Wei Fatima Yusuf
Ingrid Björn Zoë Renée José Siobhán Łukasz Chiara Mateo Noémie Anaïs Oluwaseun Aiko Hiroshi Mei Thi Nguyet
Aleksandr Svetlana Dmitri Amara Kwame
"""
FIRST_NAMES = _FIRST_NAMES.split()

SHORT_FORMS = {
    "James": ["Jim", "Jimmy"],
    "Robert": ["Bob", "Rob", "Bobby"], "John": ["Jack", "Johnny"], "Michael": ["Mike", "Mick"],
    "David": ["Dave"], "Elizabeth": ["Liz", "Beth", "Betty"], "William": ["Bill", "Will", "Billy"],
    "Richard": ["Dick", "Rick", "Rich"], "Susan": ["Sue"], "Joseph": ["Joe", "Joey"], "Jessica": ["Jess"],
    "Thomas": ["Tom", "Tommy"], "Charles": ["Chuck", "Charlie"], "Christopher": ["Chris"], "Daniel": ["Dan", "Danny"],
    "Matthew": ["Matt"], "Anthony": ["Tony"], "Margaret": ["Peggy", "Maggie", "Meg"], "Steven": ["Steve"],
    "Kimberly": ["Kim"], "Andrew": ["Andy", "Drew"], "Joshua": ["Josh"], "Kenneth": ["Ken"], "Timothy": ["Tim"],
    "Deborah": ["Debbie", "Deb"], "Ronald": ["Ron"], "Rebecca": ["Becky", "Becca"], "Edward": ["Ed", "Ted", "Eddie"],
    "Jeffrey": ["Jeff"], "Cynthia": ["Cindy"], "Jacob": ["Jake"], "Kathleen": ["Kathy"], "Nicholas": ["Nick"],
    "Pamela": ["Pam"], "Samantha": ["Sam"], "Benjamin": ["Ben"], "Katherine": ["Kate", "Kathy", "Katie"],
    "Samuel": ["Sam"], "Christine": ["Chris", "Chrissy"], "Gregory": ["Greg"], "Alexander": ["Alex"],
    "Patrick": ["Pat"], "Patricia": ["Pat", "Trish"], "Raymond": ["Ray"], "Catherine": ["Cathy", "Kate"],
    "Victoria": ["Vicky"], "Nathan": ["Nate"], "Zachary": ["Zach"], "Douglas": ["Doug"], "Christina": ["Tina"],
    "Peter": ["Pete"], "Jennifer": ["Jen", "Jenny"], "Theresa": ["Terry"], "Lawrence": ["Larry"], "Arthur": ["Art"],
    "Gabriel": ["Gabe"], "Albert": ["Al", "Bert"], "Vincent": ["Vince"], "Bradley": ["Brad"], "Amanda": ["Mandy"],
    "Barbara": ["Barb"], "Donald": ["Don"], "Stephanie": ["Steph"], "Jonathan": ["Jon"], "Stephen": ["Steve"],
    "Dorothy": ["Dot"], "Gerald": ["Jerry"], "Judith": ["Judy"], "Leonard": ["Len"], "Walter": ["Walt"],
}  # fmt: skip

_LAST_NAMES = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis
Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart
Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim
Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo
Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler
Henderson Barnes Gonzales Fisher Vasquez Simmons Romero Jordan Patterson Alexander Hamilton Graham Reynolds
Griffin Wallace West Cole Hayes Bryant Herrera Gibson Ellis Tran Medina Aguilar Stevens Murray Ford Castro
Marshall Owens O'Brien O'Connor McDonald Müller Núñez Søndergaard Kowalczyk Ivanov Tanaka Chen Wang Li Zhang
Singh Kaur Okafor Mensah
"""
LAST_NAMES = _LAST_NAMES.split()

_SYLLABLES = """
al an ar bar bel ber bor bran bur cal car cas con cor dal dan del den dor dun el en far fen fer gal gar gor
gran hal ham har hol hor ing jar kal kar kel ken ker kil kin lan lar len lin lor mal man mar mel mer mon mor
nar nel nor ol or pal par pel pen per pol quin ral ran rel ren ros sal san sel sen ser sil sol sor tal tan tar
tel ten ter tol tor ul val van var vel ven ver vil vin vor wal wen wes wil win wol yar zan zel
"""
SYLLABLES = _SYLLABLES.split()

_STREETS = """
Street St Avenue Ave Road Rd Drive Dr Lane Ln Court Ct Place Pl Boulevard Way Circle Terrace
"""
STREETS = _STREETS.split()

CITIES = [
    ("New York", "NY", "100"), ("Los Angeles", "CA", "900"), ("Chicago", "IL", "606"), ("Houston", "TX", "770"),
    ("Phoenix", "AZ", "850"), ("Philadelphia", "PA", "191"), ("San Antonio", "TX", "782"), ("San Diego", "CA", "921"),
    ("Dallas", "TX", "752"), ("Austin", "TX", "787"), ("Columbus", "OH", "432"), ("Charlotte", "NC", "282"),
    ("Indianapolis", "IN", "462"), ("Seattle", "WA", "981"), ("Denver", "CO", "802"), ("Boston", "MA", "021"),
    ("Nashville", "TN", "372"), ("Portland", "OR", "972"), ("Las Vegas", "NV", "891"), ("Detroit", "MI", "482"),
]  # fmt: skip

_TRADES = """
Dental Foods Capital Design Systems Consulting Logistics Realty Medical Motors Software Marketing Legal Energy
"""
TRADES = _TRADES.split()
_JOBS = """
Owner,President,CEO,CFO,Founder,Partner,Realtor,Consultant,Technician,Engineer,Senior Engineer,
Office Manager,Sales Manager,Marketing Manager,HR Manager,Account Executive,VP Sales,Director of Operations,
Director,Analyst,Nurse,Attorney,Accountant
"""
JOBS = _JOBS.replace("\n", "").split(",")
_MAIL_HOSTS = """
gmail.com yahoo.com outlook.com icloud.com hotmail.com aol.com comcast.net
"""
MAIL_HOSTS = _MAIL_HOSTS.split()
