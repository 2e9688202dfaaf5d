"""The words and numbers in which other programs write marks, and where each table comes from.

A word that is in no table is a label of the user's own and stays as it stands.
"""

from culler.domain.decision import ColorLabel, Flag

_COLORS = (ColorLabel.RED, ColorLabel.YELLOW, ColorLabel.GREEN, ColorLabel.BLUE, ColorLabel.PURPLE)
_WORDS = (
    "red yellow green blue purple",
    # "Bridge Default" and "Review Status", two of the three sets that Lightroom Classic ships
    # (Metadata > Color Label Set) besides its own colour words.
    "select/second/approved/review/to do",
    "to delete/color correction needed/good to use/retouching needed/to print",
    # Lightroom writes its default set in the language that it runs in: German, French, Italian, Spanish,
    # Portuguese, Dutch, Swedish, Japanese, Korean, Chinese (simplified, traditional).
    "rot gelb grün blau lila",
    "rouge jaune vert bleu violet",
    "rosso giallo verde blu viola",
    "rojo amarillo verde azul morado",
    "vermelho amarelo verde azul roxo",
    "rood geel groen blauw paars",
    "röd gul grön blå lila",
    "レッド イエロー グリーン ブルー パープル",
    "빨강 노랑 녹색 파랑 보라",
    "红色 黄色 绿色 蓝色 紫色",
    "紅色 黃色 綠色 藍色 紫色",
)
LABELS = {
    "": ColorLabel.NONE,
    ColorLabel.NONE.value: ColorLabel.NONE,
    **{
        word: color
        for words in _WORDS
        for word, color in zip(words.split("/" if "/" in words else None), _COLORS, strict=True)
    },
}
"""Colours by the words of xmp:Label, in lower case."""

# Colour numbers: ours where we have the colour, else the colour's English word.
DARKTABLE_COLORS = ("red", "yellow", "green", "blue", "purple")
"""darktable:colorlabels, a list of numbers. darktable, src/common/colorlabels.h; it writes and reads the
same five as "Red" … "Purple" in xmp:Label, too (src/common/exif.cc)."""
DIGIKAM_COLORS = ("none", "red", "Orange", "yellow", "green", "blue", "purple", "Gray", "Black", "White")
"""digiKam:ColorLabel. digiKam, enum ColorLabel in core/app/utils/digikam_globals.h; its magenta (6) is
"Purple" in xmp:Label (core/libs/metadataengine/dmetadata/dmetadata_labels.cpp)."""
DIGIKAM_PICKS = (Flag.NONE, Flag.REJECT, Flag.NONE, Flag.PICK)
"""digiKam:PickLabel: none, rejected, pending, accepted (enum PickLabel, same header)."""
PHOTO_MECHANIC_COLORS = ("none", "purple", "red", "Orange", "yellow", "green", "Cyan", "blue", "Gray")
"""photomechanic:ColorClass: none, Winner, Winner alt, Superior, Superior alt, Typical, Typical alt, Extras,
Trash (order and names: ExifTool, PhotoMechanic tags). The colours are those that Photo Mechanic shows
where the user has chosen no others, from memory: no document that names them was found. Photo Mechanic
also writes the class's name into xmp:Label, which goes before the number here."""
MICROSOFT_PERCENTS = (0, 1, 25, 50, 75, 99)
"""MicrosoftPhoto:Rating, the percentage that Windows writes for 0 … 5 stars (ExifTool, RatingPercent)."""

# photoshop:Urgency is not read: it is the priority of a news picture (IPTC 1–8), though Nikon's programs
# and digiKam put colour numbers there, each their own.


def color_or_text(text: str) -> str:
    """A ColorLabel's value for words we know, else the text as it stands."""
    word = text.strip()
    known = LABELS.get(word.casefold())
    return word if known is None else known.value
