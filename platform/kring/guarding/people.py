"""Invented people of many names, with numbers that pass their proofs and addresses that do not exist."""

from datetime import date, timedelta
from random import Random

from kring.lib.privacy.numbers import eleven_proof, iban_proof, nhs_proof

FIRST = {
    "dutch": ["Anneke", "Bram", "Corrie", "Douwe", "Evelien", "Floortje", "Gijsbert", "Hanneke", "Ietje", "Joost", "Klazien", "Lodewijk", "Maaike", "Niels", "Otto", "Pieternel", "Rinse", "Sietske", "Teunis", "Wietske"],
    "british": ["Alistair", "Bethany", "Callum", "Daphne", "Edmund", "Freya", "Gareth", "Harriet", "Imogen", "Jarvis", "Kirsty", "Lewis", "Maisie", "Nigel", "Olive", "Percy", "Rosalind", "Stuart", "Tabitha", "Winston"],
    "turkish": ["Ayşe", "Burak", "Canan", "Deniz", "Emre", "Fatma", "Gülşen", "Hakan", "İlknur", "Kadir", "Leyla", "Mehmet", "Nuray", "Orhan", "Pınar", "Recep", "Selma", "Tuğba", "Ümit", "Zeynep"],
    "polish": ["Agnieszka", "Bartosz", "Czesława", "Dariusz", "Elżbieta", "Franciszek", "Grażyna", "Henryk", "Iwona", "Jarosław", "Katarzyna", "Łukasz", "Małgorzata", "Norbert", "Oliwia", "Paweł", "Radosław", "Stanisława", "Tadeusz", "Zuzanna"],
    "moroccan": ["Abdelhak", "Bouchra", "Chaimae", "Driss", "Fatiha", "Ghizlane", "Hamza", "Ibtissam", "Jamila", "Khalid", "Loubna", "Mohamed", "Naima", "Oussama", "Rachida", "Said", "Touria", "Wafae", "Younes", "Zakaria"],
    "surinamese": ["Anand", "Bhagwan", "Chandra", "Dewanand", "Errol", "Farida", "Gladys", "Henna", "Indra", "Jerrel", "Kenrick", "Lucinda", "Mahesh", "Naomi", "Orlando", "Premchand", "Radjesh", "Shanti", "Tjandra", "Urmila"],
}  # fmt: skip
LISTED = {
    "dutch": ["Jansen", "de Vries", "van den Berg", "Bakker", "Visser", "Smit", "Meijer", "de Boer", "Mulder", "Bos", "Vos", "Peters", "Hendriks", "van Leeuwen", "Dekker", "Brouwer", "de Wit", "Dijkstra", "van der Heijden", "Kuipers", "Postma", "van 't Hoff", "ter Braak", "Schouten", "Verhoeven"],
    "british": ["Smith", "Jones", "Taylor", "Whitfield", "Pemberton", "Ashworth", "Holloway", "Fairclough", "Bramley", "Sutcliffe", "O'Brien", "McIntyre", "Llewellyn", "Hargreaves", "Cartwright", "Thornton", "Barraclough", "Winterbottom", "Kershaw", "Blackwood"],
    "turkish": ["Yılmaz", "Kaya", "Demir", "Şahin", "Çelik", "Öztürk", "Aydın", "Arslan", "Doğan", "Kılıç", "Aslan", "Çetin", "Kara", "Koç", "Kurt", "Özkan", "Şimşek", "Polat", "Erdoğan", "Yavuz"],
    "polish": ["Kowalski", "Nowak", "Wiśniewska", "Wójcik", "Kamińska", "Lewandowski", "Zielińska", "Szymański", "Woźniak", "Dąbrowska", "Jankowski", "Mazur", "Krawczyk", "Piotrowska", "Grabowski", "Pawlak", "Michalska", "Zając", "Król", "Wieczorek"],
    "moroccan": ["El Idrissi", "Bennani", "Benali", "El Amrani", "Alaoui", "Bouzid", "Chaoui", "El Khattabi", "Tahiri", "Ouali", "Aït Taleb", "Ben Haddou", "Haddad", "Mansouri", "Lahlou", "Ziani", "El Bakkali", "Rahmouni", "Saidi", "Azzouzi"],
    "surinamese": ["Ramdin", "Jairam", "Kalloe", "Soekhai", "Baldewsingh", "Bhagwandin", "Pengel", "Pinas", "Sewnarain", "Kasanwirjo", "Sital", "Wijdenbosch", "Breeveld", "Ramlal", "Biharie", "Doekhie", "Codrington", "Esajas", "Somohardjo", "Mahabier"],
}  # fmt: skip
_PARTS = {
    "dutch": (["Korten", "Wester", "Hooge", "Spij", "Vlier", "Brug", "Elzen", "Graven", "Stoffel", "Zuider"], ["kampen", "velder", "broek", "huizen", "meer", "dael", "inga", "stra", "wijk", "mans"]),
    "british": (["Thorn", "Ash", "Brack", "Wither", "Hather", "Gold", "Peck", "Stan", "Ever", "Lang"], ["combe", "thwaite", "leigh", "worth", "sby", "ington", "stock", "wick", "field", "more"]),
    "turkish": (["Kara", "Ak", "Demir", "Öz", "Gök", "Yel", "Taş", "Boz", "Kır", "Sarı"], ["oğlu", "türk", "kaya", "soy", "men", "demir", "gül", "alp", "er", "taş"]),
    "polish": (["Brzoz", "Szczep", "Wierz", "Grzeg", "Chmiel", "Kwas", "Jastrz", "Przyb", "Skrzyp", "Drzew"], ["owski", "ańska", "iewicz", "orzyk", "ecki", "yński", "ak", "ulski", "czak", "kowiak"]),
    "moroccan": (["Ben", "Bou", "El Kha", "Ou", "Aze", "Cha", "El Ham", "Lah", "Meza", "Zer"], ["ddouri", "zzani", "mmouch", "lidi", "ssaoui", "rrouk", "hmani", "ziane", "wali", "djoub"]),
    "surinamese": (["Ram", "Jai", "Soek", "Bal", "Kisoen", "Goer", "Mahab", "Parbh", "Somo", "Karto"], ["dhanie", "pal", "dew", "lall", "singh", "pershad", "nath", "raj", "wirjo", "dikromo"]),
}  # fmt: skip
STREETS = ["Kerkstraat", "Van der Helstlaan", "Prins Hendrikkade", "Eikendreef", "Burgemeester Roelenweg", "Oude Gracht", "Molendijk", "Zonnebloemstraat", "Dr. Schaepmanplein", "Lange Nieuwstraat", "Korenbloem", "De Meent", "Het Zand", "Wilhelminapark", "Koningin Emmasingel", "Achter de Hoven", "Pieter de Hooghlaan", "1e Jan Steenstraat"]  # fmt: skip
PLACES = [
    "Utrecht",
    "Zwolle",
    "Den Haag",
    "Alphen aan den Rijn",
    "Sneek",
    "Bergen op Zoom",
    "Oss",
    "Hoogezand",
    "Capelle aan den IJssel",
    "'s-Hertogenbosch",
]
ROADS = [
    "High Street",
    "Church Lane",
    "Station Road",
    "Acacia Avenue",
    "Mill Close",
    "Queen's Drive",
    "Old Barn Way",
    "St James's Square",
    "The Crescent",
    "Bramble Grove",
    "Victoria Terrace",
    "Long Meadow",
    "Harbour View",
    "Park Row",
]
TOWNS = [
    ("Leeds", "LS"),
    ("Bristol", "BS"),
    ("Norwich", "NR"),
    ("Stockton-on-Tees", "TS"),
    ("Bath", "BA"),
    ("St Albans", "AL"),
    ("London", "SW"),
    ("Hebden Bridge", "HX"),
    ("Glasgow", "G"),
]
_MONTHS_NL = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class Crowd:
    """An endless crowd; the same seed gives the same people."""

    def __init__(self, seed: int):
        self.dice = Random(seed)

    def surname(self, culture: str) -> tuple[str, bool]:
        """A surname, and whether it is an existing one rather than made of parts."""
        if self.dice.random() < 0.5:
            return self.dice.choice(LISTED[culture]), True
        left, right = _PARTS[culture]
        return self.dice.choice(left) + self.dice.choice(right), False

    def first(self, culture: str) -> str:
        return self.dice.choice(FIRST[culture])

    def bsn(self) -> str:
        while True:
            digits = f"{self.dice.randrange(10**8, 10**9)}"
            if eleven_proof(digits):
                return self.dice.choice(
                    [
                        digits,
                        f"{digits[:3]} {digits[3:6]} {digits[6:]}",
                        f"{digits[:4]}.{digits[4:6]}.{digits[6:]}",
                    ]
                )

    def nhs(self) -> str:
        while True:
            digits = f"{self.dice.randrange(4 * 10**9, 5 * 10**9)}"
            if nhs_proof(digits):
                return f"{digits[:3]} {digits[3:6]} {digits[6:]}"

    def nino(self) -> str:
        d = self.dice
        return f"{d.choice('ABCEHJ')}{d.choice('ABCEHJ')} {d.randrange(10, 99)} {d.randrange(10, 99)} {d.randrange(10, 99)} {d.choice('ABCD')}"

    def iban(self) -> str:
        bank, number = (
            self.dice.choice(["ABNA", "RABO", "INGB", "TRIO"]),
            f"{self.dice.randrange(10**9):010}",
        )
        iban = next(
            f"NL{n:02}{bank}{number}"
            for n in range(2, 99)
            if iban_proof(f"NL{n:02}{bank}{number}")
        )
        return self.dice.choice([iban, " ".join(iban[i : i + 4] for i in range(0, 18, 4))])

    def phone(self, language: str) -> str:
        d, tail = self.dice, f"{self.dice.randrange(10**7, 10**8)}"
        if language == "nl":
            return d.choice(
                [
                    f"06-{tail}",
                    f"06{tail}",
                    f"06 {tail[:2]} {tail[2:4]} {tail[4:6]} {tail[6:]}",
                    f"+31 6 {tail[:4]} {tail[4:]}",
                    f"0031-6-{tail}",
                    f"+31(0)6{tail}",
                    f"020-6{tail[:6]}",
                    f"(0318) {tail[:3]} {tail[3:6]}",
                    f"0475 - {tail[:2]} {tail[2:4]} {tail[4:6]}",
                    f"06/{tail}",
                ]
            )
        return d.choice(
            [
                f"07700 9{tail[:5]}",
                f"07{tail}9",
                f"+44 7700 9{tail[:5]}",
                f"020 7946 0{tail[:3]}",
                f"(0161) 496 0{tail[:3]}",
                f"+44 (0)117 496 0{tail[:3]}",
                f"01632 960{tail[:3]}",
                f"0044 7911 1{tail[:5]}",
            ]
        )

    def born(self, language: str) -> str:
        d = self.dice
        day = date(1930, 1, 1) + timedelta(days=d.randrange(30_000))
        nl, en = _MONTHS_NL[day.month - 1], _MONTHS_EN[day.month - 1]
        short = f"{day.day}-{day.month}-{day.year}"
        if language == "nl":
            return d.choice(
                [
                    short,
                    f"{day:%d-%m-%Y}",
                    f"{day:%d/%m/%y}",
                    f"{day.day} {nl} {day.year}",
                    f"{day.day} {nl[:3]} {day.year}",
                    f"{day:%Y-%m-%d}",
                    f"{day:%d.%m.%Y}",
                    f"{day.day} {nl} '{day:%y}",
                ]
            )
        return d.choice(
            [
                f"{day:%d/%m/%Y}",
                f"{day.day} {en} {day.year}",
                f"{en} {day.day}, {day.year}",
                f"{day.day}th {en[:3]} {day.year}",
                f"{day:%d.%m.%y}",
                f"{day:%Y-%m-%d}",
                short,
            ]
        )

    def address(self, language: str) -> str:
        d = self.dice
        number = d.choice(
            [
                f"{d.randrange(1, 300)}",
                f"{d.randrange(1, 99)}{d.choice('abc')}",
                f"{d.randrange(1, 99)}-{d.randrange(1, 9)}",
            ]
        )
        if language == "nl":
            street, place = d.choice(STREETS), d.choice(PLACES)
            code = f"{d.randrange(1000, 9999)}{d.choice(['', ' '])}{d.choice('ABCDEKLX')}{d.choice('BEGKTXZ')}"
            if street in {"Korenbloem", "De Meent", "Het Zand", "Achter de Hoven", "Oude Gracht"}:
                return d.choice(
                    [f"{street} {number}, {code} {place}", f"{street} {number} {code} {place}"]
                )
            return d.choice(
                [
                    f"{street} {number}, {code} {place}",
                    f"{street} {number} {code} {place}",
                    f"{street} {number}",
                    f"{street} {number} in {place}",
                    f"{street} {number}, {place}",
                    f"{street} {number} te {place}",
                ]
            )
        road, (town, letters) = d.choice(ROADS), d.choice(TOWNS)
        code = f"{letters}{d.randrange(1, 20)} {d.randrange(1, 9)}{d.choice('ABDEHJLN')}{d.choice('PQRSTUX')}"
        number = number.replace("-", "/")
        return d.choice(
            [
                f"{number} {road}, {town} {code}",
                f"{number} {road}, {town}, {code}",
                f"{number} {road}",
                f"{number} {road}, {town}",
                f"Flat {d.randrange(1, 20)}, {number} {road}, {town} {code}",
            ]
        )
