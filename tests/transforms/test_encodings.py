"""Windows-1252 and Mac Roman are told apart by the words of a table, in every language that uses them."""

import pytest

from transforms.encodings import western_encoding

NAMES = {
    "one letter": "Müller",
    "de": "Müller,Jäger Straße;Köhler|Größe Jörg",
    "fr": "François,Hélène;Zoé\tBesançon",
    "es": "Núñez,José;María|Peña",
    "pt": "João,Conceição;Araújo",
    "it": "Niccolò,Forlì",
    "nl": "Zoë,Daniël",
    "sv": "Åsa,Björk;Malmö",
    "shouted": "MÜLLER,FRANÇOIS;NÚÑEZ",
    "O’Brien": "O’Brien,“Jimmy” Ünal",
}


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_the_encoding_is_told_from_a_few_words(names: str, encoding: str) -> None:
    assert western_encoding(f"Name,City\n{names},Reno\n".encode(encoding)) == encoding


def test_windows_is_taken_where_nothing_speaks_for_either() -> None:
    assert western_encoding(b"") == "cp1252"
    assert western_encoding("5 € | 6 €".encode("cp1252")) == "cp1252"


def test_bytes_that_windows_does_not_have_are_a_macintosh_s() -> None:
    assert western_encoding("Forlè".encode("mac_roman")) == "mac_roman"
