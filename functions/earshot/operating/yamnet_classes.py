"""Which of YAMNet's 521 AudioSet classes speak for which of our labels.

By index of Google's published class map. A label's probability is the highest of its classes'.
"""

from collections.abc import Mapping

CLASSES = 521

CONTENT: Mapping[str, tuple[int, ...]] = {
    "speech": (0, 1, 2, 3, 4, 5, 12),
    "music": (132, *range(133, 155), *range(156, 160), *range(179, 186), *range(211, 277)),
    "singing": (*range(24, 33), 249, 250),
    "noise": (*range(277, 295), 300, 301, 321, 322, 329, 337, 398, 412, 420, 421, 430, 454, 460, *range(506, 518)),
}
INSTRUMENTS: Mapping[str, tuple[int, ...]] = {
    "accordion": (204,),
    "banjo": (142,),
    "bass": (137, 189),
    "cello": (188,),
    "clarinet": (193,),
    "cymbals": (166, 167),
    "drums": (157, 158, 159, 160, 161, 162, 163),
    "flute": (191,),
    "guitar": (135, 136, 138, 139, 140, 141),
    "mallet_percussion": (174, 175, 176, 177),
    "mandolin": (144,),
    "organ": (150, 151, 152),
    "piano": (148, 149),
    "saxophone": (192,),
    "synthesizer": (153,),
    "trombone": (183,),
    "trumpet": (182,),
    "ukulele": (146,),
    "violin": (186,),
    "voice": (24, 25, 29, 249, 250),
}
