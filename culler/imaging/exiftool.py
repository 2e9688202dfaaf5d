"""Marks inside picture files, written by the user's own ExifTool and only when asked for.

ExifTool makes a new file beside the picture; it takes the picture's place only after the marks have
been read back and everything else has been found unchanged, byte for byte or, where ExifTool lays a file
out anew, pixel for pixel and tag by tag. No copy of the old file stays: beside its marks the new one has
all that it had, and backups named `…_original` would be left behind by every move.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.domain.decision import UNMARKED, Decision
from culler.domain.errors import CullerError
from culler.imaging.formats import extension
from culler.imaging.placing import exchange, sentence, sync_folder, temporary_beside
from culler.imaging.xmp import DEFAULT_OPTIONS, SILENT, Marks, WriteOptions, merge, read_marks
from culler.imaging.xmp_packet import PREFIXES, Packet

EMBEDDABLE = frozenset(("jpg", "jpeg", "jpe", "tif", "tiff", "heic", "heif", "hif", "dng"))
"""Extensions of files that can carry marks inside."""
OLDEST_VERSION = (12, 0)
"""Older ones write HEIC not at all or not well (ExifTool's version history)."""
_TIMEOUT_S = 180
_HEIF = frozenset(("heic", "heif", "hif"))


@dataclass(frozen=True, slots=True)
class ExifTool:
    """An installed ExifTool."""

    program: Path
    version: str

    def embed(
        self,
        photo: Path,
        decision: Decision,
        *,
        options: WriteOptions = DEFAULT_OPTIONS,
        scores: Mapping[str, float | str] | None = None,
        beneath: Marks = SILENT,
    ) -> bool:
        """Writes the decision into the picture file; False where it already says all that. `beneath` as for
        `xmp.merge`.

        Raises CullerError where the file cannot carry marks, is malformed or changed meanwhile, or
        where the new file does not hold the same pixels; the picture is then as it was.
        """
        if extension(photo.name) not in EMBEDDABLE:
            raise CullerError(f"{photo.name} cannot carry marks inside; write a sidecar for it.")
        try:
            return self._embed(photo, decision, options, scores, beneath)
        except OSError as error:
            raise sentence(error, f"Cannot write {photo.name}") from None

    def packet(self, photo: Path) -> bytes | None:
        """The XMP packet inside the file, or None where it has none."""
        return self._run(photo, ("-XMP", "-b", os.fspath(photo))) or None

    def _embed(
        self,
        photo: Path,
        decision: Decision,
        options: WriteOptions,
        scores: Mapping[str, float | str] | None,
        beneath: Marks,
    ) -> bool:
        before = photo.stat()
        packet = self.packet(photo)
        merged = merge(packet, decision, options=options, scores=scores, beneath=beneath, source=photo.name)
        if merged == packet:
            return False
        changes = _changed_properties(packet, merged)
        temporary = temporary_beside(photo)
        try:
            with tempfile.TemporaryDirectory(prefix="culler-") as folder:
                config = Path(folder) / "config"
                config.write_text(_config(changes), encoding="ascii")
                # Tag by tag, not as one block: for a block ExifTool lays out the EXIF data anew, too.
                tags = [
                    f"-XMP-{name}=" if value is None else f"-XMP-{name}^={value}"
                    for name, value in changes.items()
                ]
                self._run(photo, (*tags, "-o", os.fspath(temporary), os.fspath(photo)), config)
            self._verify(photo, temporary, merged, changes)
            os.chmod(temporary, before.st_mode & 0o7777)
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
            self._put(photo, temporary, before)
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def _verify(self, photo: Path, written: Path, merged: bytes, changes: Mapping[str, str | None]) -> None:
        if not written.exists():
            raise CullerError(f"Cannot write {photo.name}: ExifTool made no file. Nothing was changed.")
        is_same = self._same_heif if extension(photo.name) in _HEIF else self._same_without_xmp
        if not is_same(photo, written) or self._foreign(photo, changes) != self._foreign(written, changes):
            raise CullerError(
                f"Cannot write {photo.name}: the rest of it could not be proven unchanged. "
                "Nothing was changed."
            )
        stated = self.packet(written)
        if stated is None or read_marks(stated).on(UNMARKED) != read_marks(merged).on(UNMARKED):
            raise CullerError(
                f"Cannot write {photo.name}: the marks were not read back. Nothing was changed."
            )

    def _foreign(self, photo: Path, changes: Mapping[str, str | None]) -> dict[str, object]:
        """All XMP properties of the file but those that change."""
        output = self._run(photo, ("-j", "-n", "-struct", "-G1", "-XMP:all", os.fspath(photo)))
        (properties,) = json.loads(output)
        ours = {f"xmp-{name}".lower() for name in changes} | {"sourcefile", "xmp-x:xmptoolkit"}
        return {name: value for name, value in properties.items() if name.lower() not in ours}

    def _same_heif(self, one: Path, other: Path) -> bool:
        """Whether both have the same pixels and the same metadata; ExifTool lays HEIF boxes out anew."""
        wanted = ("-j", "-n", "-a", "-G1", "-EXIF:all", "-ICC_Profile:all", "-IPTC:all", "-MakerNotes:all")
        metadata = []
        for path in (one, other):
            (found,) = json.loads(self._run(one, (*wanted, os.fspath(path))))
            del found["SourceFile"]
            metadata.append({name: value for name, value in found.items() if "Offset" not in name})
        return metadata[0] == metadata[1] and _same_heif_pixels(one, other)

    def _same_without_xmp(self, one: Path, other: Path) -> bool:
        """Whether both files are equal byte for byte once ExifTool has taken their XMP out."""
        digests = {
            hashlib.sha256(self._run(one, ("-XMP:all=", "-o", "-", os.fspath(path)))).digest()
            for path in (one, other)
        }
        return len(digests) == 1

    @staticmethod
    def _put(photo: Path, written: Path, before: os.stat_result) -> None:
        """The new file in place of the picture, unless that was changed meanwhile."""

        def refuse_if_changed(now: os.stat_result) -> None:
            if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise CullerError(
                    f"{photo.name} was changed by another program meanwhile. Nothing was written."
                )

        refuse_if_changed(photo.stat())
        if not exchange(written, photo):
            os.replace(written, photo)
            sync_folder(photo.parent)
            return
        try:
            refuse_if_changed(written.stat())  # what was there until the swap
        except CullerError:
            exchange(written, photo)
            raise

    def _run(self, photo: Path, arguments: Sequence[str], config: Path | None = None) -> bytes:
        """ExifTool's output. Arguments go through its standard input: names in any script survive."""
        if any("\n" in argument for argument in arguments):
            raise CullerError(f"{photo.name!r} has a line break in its name; rename it first.")
        lines = "\n".join(("-charset", "filename=utf8", "-q", "-q", *arguments))
        try:
            done = subprocess.run(
                [os.fspath(self.program), "-config", os.fspath(config or ""), "-@", "-"],
                input=lines.encode("utf-8", "surrogateescape"),
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CullerError(f"ExifTool took too long over {photo.name}. Nothing was changed.") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
            reason = re.sub(r" - \S.*$", "", said.removeprefix("Error: ")) or "no reason given"
            raise CullerError(f"ExifTool cannot write {photo.name}: {reason}. Nothing was changed.")
        return done.stdout


def find_exiftool(program: str | Path = "exiftool") -> ExifTool | None:
    """The user's ExifTool, or None where there is none that is new enough and answers."""
    found = shutil.which(program)
    if found is None:
        return None
    try:
        done = subprocess.run([found, "-ver"], capture_output=True, timeout=30, check=True, text=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version = done.stdout.strip()
    match = re.match(r"(\d+)\.(\d+)", version)
    if match is None or (int(match[1]), int(match[2])) < OLDEST_VERSION:
        return None
    return ExifTool(Path(found), version)


_OWN_PROPERTIES = ("xmp:Rating", "xmp:Label", "xmpDM:pick", "xmpDM:good")


def _changed_properties(packet: bytes | None, merged: bytes) -> dict[str, str | None]:
    """What to set, by property name; None is to be removed."""
    old = Packet.blank() if packet is None else Packet.parse(packet)
    new = Packet.parse(merged)
    names = (*_OWN_PROPERTIES, *old.names("culler"), *new.names("culler"))
    return {name: new.get(name) for name in names if new.get(name) != old.get(name)}


def _config(properties: Iterable[str]) -> str:
    """ExifTool's configuration that teaches it xmpDM:pick and our own namespace."""
    own = [name.partition(":")[2] for name in properties if name.startswith("culler:")]
    tags = "".join(f"    '{name}' => {{ Name => '{name}' }},\n" for name in own)
    return (
        "%Image::ExifTool::UserDefined = (\n"
        "  'Image::ExifTool::XMP::xmpDM' => { pick => { Name => 'Pick', Writable => 'integer' } },\n"
        "  'Image::ExifTool::XMP::Main' => { culler => {\n"
        "    SubDirectory => { TagTable => 'Image::ExifTool::UserDefined::culler' } } },\n"
        ");\n"
        "%Image::ExifTool::UserDefined::culler = (\n"
        "    GROUPS => { 0 => 'XMP', 1 => 'XMP-culler', 2 => 'Image' },\n"
        f"    NAMESPACE => {{ culler => '{PREFIXES['culler']}' }},\n"
        f"    WRITABLE => 'string',\n{tags});\n1;\n"
    )


def _same_heif_pixels(one: Path, other: Path) -> bool:
    """Whether all pictures in both files decode to the same pixels."""
    import pi_heif

    def digest(path: Path) -> bytes:
        found = hashlib.sha256()
        for picture in pi_heif.open_heif(path, convert_hdr_to_8bit=False):
            found.update(repr((picture.mode, picture.size)).encode())
            found.update(picture.data)
        return found.digest()

    try:
        return digest(one) == digest(other)
    except (OSError, ValueError, RuntimeError, EOFError):
        return False
