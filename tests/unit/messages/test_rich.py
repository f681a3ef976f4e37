"""Rich text: what the subset says, and that nothing else gets through."""

import html.parser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from periscolaire.messages import Bullets, Emphasis, Heading, Link, Paragraph, Strong, Text, parse_rich

TAGS = {"p", "h3", "ul", "li", "strong", "em", "a"}


class Reader(html.parser.HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.tags.append("declaration")


def test_the_whole_subset() -> None:
    source = (
        "## Fermeture\n\nLa cantine est **fermée** *lundi*,\nvoir [le menu](https://exemple.fr/menu?a=1&b=2).\n"
        "- un\n* deux\nfin"
    )
    assert parse_rich(source).blocks == (
        Heading((Text("Fermeture"),)),
        Paragraph((
            Text("La cantine est "), Strong("fermée"), Text(" "), Emphasis("lundi"), Text(", voir "),
            Link("le menu", "https://exemple.fr/menu?a=1&b=2"), Text("."),
        )),
        Bullets(((Text("un"),), (Text("deux"),))),
        Paragraph((Text("fin"),)),
    )  # fmt: skip
    assert parse_rich(source).html() == (
        "<h3>Fermeture</h3>\n<p>La cantine est <strong>fermée</strong> <em>lundi</em>, voir "
        '<a href="https://exemple.fr/menu?a=1&amp;b=2" rel="noopener noreferrer">le menu</a>.</p>\n'
        "<ul><li>un</li><li>deux</li></ul>\n<p>fin</p>"
    )
    assert parse_rich(source).plain() == (
        "Fermeture\n\nLa cantine est fermée lundi, voir le menu (https://exemple.fr/menu?a=1&b=2).\n\n"
        "- un\n- deux\n\nfin"
    )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert",
        "data:text/html,x",
        "//evil.fr",
        "vbscript:x",
        "http:/x",
        "file:///etc",
    ],
)
def test_an_address_of_another_scheme_stays_text(address: str) -> None:
    assert "<a" not in parse_rich(f"[clic]({address})").html()


def test_hidden_characters_are_dropped() -> None:
    assert parse_rich("a\u202eb\u200bc\x00d").blocks == (Paragraph((Text("abcd"),)),)


NASTY = (
    "<script>", "</p>", "<img src=x onerror=alert(1)>", "**", "*", "[a](", "https://x.fr", '"', "'", ")", "](", "- ",
    "## ", "\n", "\n\n", "&lt;", "<!--", "javascript:", "mailto:a@b", "é", " ", "[", "]", "tel:3", "\t",
)  # fmt: skip
nasty = st.lists(st.sampled_from(NASTY), max_size=25).map("".join)


@given(nasty | st.text(max_size=60))
@example('[x](https://a"onmouseover=alert)')
@example("[x](https://a'><script>)")
@example("**<b>**")
def test_no_source_writes_a_tag_or_attribute_of_its_own(source: str) -> None:
    reader = Reader()
    reader.feed(parse_rich(source).html())
    reader.close()
    assert set(reader.tags) <= TAGS
    for name, value in reader.attributes:
        assert name in ("href", "rel")
        assert name == "rel" or (value or "").lower().startswith(("http://", "https://", "mailto:", "tel:"))


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), max_size=40))
def test_plain_words_come_out_as_they_went_in(words: str) -> None:
    assert " ".join(parse_rich(words).plain().split()) == " ".join(words.split())
