"""What a PDF says about itself: the metadata packet; pure."""

from dataclasses import dataclass

from pipeline import __version__
from pipeline.xml_text import escape

VARIANTS = {"pdf/ua-1": ("ua", "1", ""), "pdf/a-2a": ("a", "2", "A"), "pdf/a-2b": ("a", "2", "B")}


@dataclass(frozen=True)
class Metadata:
    """What the document says about itself."""

    title: str
    authors: tuple[str, ...]
    lang: str
    identifier: str
    variant: str | None


def producer() -> str:
    """The name of this program, as a PDF gives it."""
    return f"make-book {__version__} (WeasyPrint)"


def packet(metadata: Metadata) -> str:
    """The metadata packet: title, authors, language, and the standard that the file claims."""
    family, part, conformance = VARIANTS.get(metadata.variant or "", ("", "", ""))
    claim = f"<pdf{family}id:part>{part}</pdf{family}id:part>" if family else ""
    if conformance:
        claim += f"<pdfaid:conformance>{conformance}</pdfaid:conformance>"
    authors = "".join(f"<rdf:li>{escape(author)}</rdf:li>" for author in metadata.authors)
    creators = f"<dc:creator><rdf:Seq>{authors}</rdf:Seq></dc:creator>" if authors else ""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" \
xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">{escape(metadata.title)}</rdf:li>
</rdf:Alt></dc:title>
{creators}
<dc:language><rdf:Bag><rdf:li>{escape(metadata.lang)}</rdf:li></rdf:Bag></dc:language>
<dc:identifier>{escape(metadata.identifier)}</dc:identifier>
<pdf:Producer>{escape(producer())}</pdf:Producer>
{claim}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
