"""An XMP packet as a tree in which single properties are read, set and removed.

Everything else in the packet stays: foreign properties, namespaces, comments, processing instructions
and CDATA. The parser takes no entities, no document type and no network, and refuses huge packets.
Follows XMP Specification part 1 (ISO 16684-1), section 7 "Serialization".
"""

import re

from lxml import etree

from culler.domain.errors import CullerError

MAX_PACKET_BYTES = 16 * 1024 * 1024
"""Sidecars with painted masks reach some megabytes; what is larger is no sidecar."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREFIXES = {
    "x": "adobe:ns:meta/",
    "rdf": RDF,
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpDM": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "photomechanic": "http://ns.camerabits.com/photomechanic/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "darktable": "http://darktable.sf.net/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "acdsee": "http://ns.acdsee.com/iptc/1.0/",
    "culler": "culler:ns:1.0/",
}
"""Namespaces by the prefix that the owners use; `culler` is our own."""

for _prefix, _namespace in PREFIXES.items():
    etree.register_namespace(_prefix, _namespace)

_BLANK = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Culler">\n'
    f' <rdf:RDF xmlns:rdf="{RDF}">\n'
    '  <rdf:Description rdf:about=""/>\n'
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>'
).encode()
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NODE_ID = f"{{{RDF}}}nodeID"
_KNOWN = tuple(f"{{{namespace}}}" for prefix, namespace in PREFIXES.items() if prefix not in ("x", "rdf"))
_Place = tuple[etree._Element, etree._Element | None]
"""A block, and the element in it that states a property; None for an attribute of the block."""
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def qualified(name: str) -> str:
    """ "{namespace}Rating" for "xmp:Rating"; the prefix is one of PREFIXES."""
    prefix, _, local = name.partition(":")
    return f"{{{PREFIXES[prefix]}}}{local}"


class Packet:
    """One XMP packet. `changed` tells whether a property was set or removed since it was parsed."""

    def __init__(self, root: etree._Element, declared: bool) -> None:
        self._root = root
        self._declared = declared
        self.changed = False
        found = next(root.iter(f"{{{RDF}}}RDF"), None)
        if found is None:
            raise ValueError("no rdf:RDF")
        self._rdf = found
        # The blocks about the picture; those with a node id describe parts of other properties.
        self._blocks = [
            block for block in found.iterchildren(f"{{{RDF}}}Description") if _NODE_ID not in block.attrib
        ]
        self._stated: dict[str, list[_Place]] = {}
        for block in self._blocks:
            for key in block.attrib:
                self._note(str(key), block, None)
            for child in block.iterchildren(etree.Element):
                self._note(child.tag, block, child)

    @classmethod
    def blank(cls) -> "Packet":
        """A packet that says nothing."""
        return cls.parse(_BLANK)

    @classmethod
    def parse(cls, packet: bytes, source: str = "The XMP packet") -> "Packet":
        """The packet's tree. Raises CullerError, naming `source`, where it is not well-formed XMP."""
        if len(packet) > MAX_PACKET_BYTES:
            raise CullerError(
                f"{source} is too large for XMP ({len(packet) // 2**20} MB). It is left as it is."
            )
        text = packet
        if not packet.startswith(_UTF16_MARKS):
            text = packet.rstrip(b"\0")  # embedded packets are padded with zero bytes
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
        )
        try:
            root = etree.fromstring(text, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            reason = str(error).split("\n")[0] or "it is empty"
            raise CullerError(
                f"{source} is not well-formed XML ({reason}). It is left as it is; repair it or move it away."
            ) from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise CullerError(f"{source} declares a document type, which XMP forbids. It is left as it is.")
        try:
            return cls(root, declared=_has_declaration(text))
        except ValueError:
            raise CullerError(
                f"{source} holds no XMP (no rdf:RDF element). It is left as it is; move it away."
            ) from None

    def serialise(self) -> bytes:
        """The packet in UTF-8, with the comments and processing instructions around its root."""
        before = reversed(list(self._root.itersiblings(preceding=True)))
        after = self._root.itersiblings()
        parts = [etree.tostring(node, encoding="utf-8", with_tail=False) for node in before]
        # ElementTree.tostring of the root alone: a declaration in its middle would not be XML.
        parts.append(etree.tostring(self._root, encoding="utf-8", with_tail=False))
        parts += [etree.tostring(node, encoding="utf-8", with_tail=False) for node in after]
        if self._declared:
            parts.insert(0, b'<?xml version="1.0" encoding="UTF-8"?>')
        return b"\n".join(parts) + b"\n"

    def get(self, name: str) -> str | None:
        """The property's text, or None where the packet does not name it; of several the first."""
        key = qualified(name)
        for block, element in self._stated.get(key, ()):
            return str(block.attrib[key]) if element is None else _text(element)
        return None

    def items(self, name: str) -> tuple[str, ...]:
        """The items of an rdf:Bag, rdf:Seq or rdf:Alt; one item for a simple property."""
        for _, element in self._stated.get(qualified(name), ()):
            if element is not None:
                items = [_own_text(item) for item in element.iter(f"{{{RDF}}}li")]
                return tuple(items) if items else (_text(element),)
        text = self.get(name)
        return () if text is None else (text,)

    def set(self, name: str, value: str) -> None:
        """States the property wherever the packet names it, else as an attribute of a block."""
        key, value = qualified(name), _NOT_XML.sub("", value)
        places = self._stated.get(key)
        if not places:
            block = self._home(PREFIXES[name.partition(":")[0]])
            self._note(key, block, None)
            places = self._stated[key]
        for block, element in places:
            if element is None:
                block.set(key, value)
            else:
                _set_text(element, value)
        self.changed = True

    def remove(self, name: str) -> None:
        """Takes the property out wherever the packet names it."""
        key = qualified(name)
        for block, element in self._stated.pop(key, ()):
            if element is None:
                del block.attrib[key]
            else:
                _detach(element)
            self.changed = True

    def names(self, prefix: str) -> tuple[str, ...]:
        """The names ("culler:Quality") of all properties in one of the namespaces of PREFIXES."""
        start = f"{{{PREFIXES[prefix]}}}"
        return tuple(f"{prefix}:{key[len(start) :]}" for key in self._stated if key.startswith(start))

    def _note(self, key: str, block: etree._Element, element: etree._Element | None) -> None:
        """Remembers where a property of a namespace that we know is stated."""
        if key.startswith(_KNOWN):
            self._stated.setdefault(key, []).append((block, element))

    def _home(self, namespace: str) -> etree._Element:
        """Where a new attribute of this namespace goes: where its prefix is declared, if anywhere."""
        if not self._blocks:
            block = etree.SubElement(self._rdf, f"{{{RDF}}}Description")
            block.set(f"{{{RDF}}}about", "")
            self._blocks.append(block)
        for block in self._blocks:
            if namespace in block.nsmap.values():
                return block
        return self._blocks[0]


def _has_declaration(packet: bytes) -> bool:
    head = packet[:64].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe")
    return re.match(rb"<\?xml\s", head) is not None


def _own_text(element: etree._Element) -> str:
    """The element's text, comments and processing instructions left out."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _value_holder(element: etree._Element) -> etree._Element:
    """The element that holds a simple value: itself, or rdf:value where it has qualifiers."""
    value = next(element.iter(f"{{{RDF}}}value"), None)
    if value is not None:
        return value
    return next(element.iter(f"{{{RDF}}}li"), element)


def _text(element: etree._Element) -> str:
    # A qualified value may itself be an attribute: <rdf:Description rdf:value="3" …/>.
    for node in element.iter(etree.Element):
        value = node.attrib.get(f"{{{RDF}}}value")
        if value is not None:
            return str(value)
    return _own_text(_value_holder(element))


def _set_text(element: etree._Element, value: str) -> None:
    for node in element.iter(etree.Element):
        if f"{{{RDF}}}value" in node.attrib:
            node.set(f"{{{RDF}}}value", value)
            return
    holder = _value_holder(element)
    for child in holder:
        child.tail = None
    holder.text = value


def _detach(element: etree._Element) -> None:
    """Removes an element and leaves the text behind it where it is not mere layout."""
    parent = element.getparent()
    assert parent is not None
    tail = element.tail
    if tail and tail.strip():
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)
