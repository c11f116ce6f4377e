"""The audio containers that are read, each with its signature and what its decoder needs to know."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Container:
    """An audio container, as its first bytes name it."""

    name: str
    """Lower case, as in the column `container`: wav, flac, ogg, mp3, mp4, …"""
    extension: str
    """With its dot; what an object of this kind is called."""
    content_type: str
    demuxer: str
    """The one FFmpeg demuxer that may read it; no probing, so no playlist can be smuggled in."""
    by_libsndfile: bool = False
    """libsndfile reads it, and is tried first; PCM only, see `decode`."""
    offset: int = 0
    """Bytes before the audio: ID3v2 tags, zero padding, a broken first frame."""
    is_tagged: bool = False
    """ID3v2 tags are among them, so a decoder should begin with those."""
    is_free_format: bool = False
    """MPEG audio whose frames do not state their bit rate, which FFmpeg does not read."""
    is_certain: bool = True
    """False where an ID3v2 tag hides what follows."""

    def at(self, offset: int, *, is_tagged: bool = False, is_certain: bool = True) -> "Container":
        """The same container, its audio beginning at `offset`."""
        if (offset, is_tagged, is_certain) == (self.offset, self.is_tagged, self.is_certain):
            return self
        return replace(self, offset=offset, is_tagged=is_tagged, is_certain=is_certain)


WAV = Container("wav", ".wav", "audio/wav", "wav", by_libsndfile=True)
W64 = Container("w64", ".w64", "audio/x-w64", "w64", by_libsndfile=True)
RF64 = Container("rf64", ".wav", "audio/wav", "wav", by_libsndfile=True)
AIFF = Container("aiff", ".aiff", "audio/aiff", "aiff", by_libsndfile=True)
AU = Container("au", ".au", "audio/basic", "au", by_libsndfile=True)
CAF = Container("caf", ".caf", "audio/x-caf", "caf", by_libsndfile=True)
NIST = Container("nist", ".sph", "audio/x-nist", "nistsphere", by_libsndfile=True)
VOC = Container("voc", ".voc", "audio/x-voc", "voc", by_libsndfile=True)
FLAC = Container("flac", ".flac", "audio/flac", "flac")
VORBIS = Container("ogg", ".ogg", "audio/ogg", "ogg")
OGG_FLAC = Container("ogg", ".oga", "audio/ogg", "ogg")
OPUS = Container("ogg", ".opus", "audio/ogg", "ogg")
SPEEX = Container("ogg", ".spx", "audio/ogg", "ogg")
OGG = Container("ogg", ".ogg", "audio/ogg", "ogg")
MP3 = Container("mp3", ".mp3", "audio/mpeg", "mp3")
MP2 = Container("mp2", ".mp2", "audio/mpeg", "mp3")
AAC = Container("aac", ".aac", "audio/aac", "aac")
AC3 = Container("ac3", ".ac3", "audio/ac3", "ac3")
M4A = Container("mp4", ".m4a", "audio/mp4", "mp4")
MP4 = Container("mp4", ".mp4", "video/mp4", "mp4")
MOV = Container("mov", ".mov", "video/quicktime", "mov")
THREE_GP = Container("3gp", ".3gp", "video/3gpp", "3gp")
WEBM = Container("webm", ".webm", "audio/webm", "matroska")
WEBM_VIDEO = Container("webm", ".webm", "video/webm", "matroska")
MATROSKA = Container("matroska", ".mka", "audio/matroska", "matroska")
MATROSKA_VIDEO = Container("matroska", ".mkv", "video/matroska", "matroska")
WMA = Container("asf", ".wma", "audio/x-ms-wma", "asf")
WMV = Container("asf", ".wmv", "video/x-ms-wmv", "asf")
AMR = Container("amr", ".amr", "audio/amr", "amr")
AMR_WB = Container("amr", ".awb", "audio/amr-wb", "amr")
AVI = Container("avi", ".avi", "video/x-msvideo", "avi")
FLV = Container("flv", ".flv", "video/x-flv", "flv")
MPEG_TS = Container("mpegts", ".ts", "video/mp2t", "mpegts")
MPEG_PS = Container("mpeg", ".mpg", "video/mpeg", "mpeg")
WAVPACK = Container("wavpack", ".wv", "audio/x-wavpack", "wv")
APE = Container("ape", ".ape", "audio/x-ape", "ape")
TTA = Container("tta", ".tta", "audio/x-tta", "tta")
MUSEPACK = Container("musepack", ".mpc", "audio/x-musepack", "mpc")
MUSEPACK_8 = Container("musepack", ".mpc", "audio/x-musepack", "mpc8")
TAK = Container("tak", ".tak", "audio/x-tak", "tak")
DSF = Container("dsf", ".dsf", "audio/x-dsf", "dsf")
DSDIFF = Container("dsdiff", ".dff", "audio/x-dff", "iff")
FREE_MP3 = Container("mp3", ".mp3", "audio/mpeg", "mp3", by_libsndfile=True, is_free_format=True)
REAL = Container("realmedia", ".rm", "application/vnd.rn-realmedia", "rm")

BY_FRAME = {"mp3": MP3, "free mp3": FREE_MP3, "mp2": MP2, "aac": AAC, "ac3": AC3}

_PREFIXES = {
    b"RF64": RF64,
    b"BW64": RF64,
    b"riff\x2e\x91\xcf\x11": W64,
    b".snd": AU,
    b"caff": CAF,
    b"NIST_1A": NIST,
    b"Creative Voice File\x1a": VOC,
    b"fLaC": FLAC,
    b"#!AMR-WB\n": AMR_WB,
    b"#!AMR\n": AMR,
    b"FLV\x01": FLV,
    b"\0\0\x01\xba": MPEG_PS,
    b"wvpk": WAVPACK,
    b"MAC ": APE,
    b"TTA1": TTA,
    b".RMF": REAL,
    b"MP+": MUSEPACK,
    b"MPCK": MUSEPACK_8,
    b"tBaK": TAK,
    b"DSD ": DSF,
}
_RIFF_FORMS = {b"WAVE": WAV, b"AVI ": AVI}
_OGG_CODECS = {b"OpusHead": OPUS, b"\x01vorbis": VORBIS, b"\x7fFLAC": OGG_FLAC, b"Speex   ": SPEEX}
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")
_MOV_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # QuickTime before brands came
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_EBML = b"\x1a\x45\xdf\xa3"
_TS_PACKET = 188


def by_signature(head: bytes) -> Container | None:
    """The container whose signature the bytes begin with; None where none does."""
    if head.startswith((b"RIFF", b"RIFX")):
        return _RIFF_FORMS.get(head[8:12])
    for prefix, container in _PREFIXES.items():
        if head.startswith(prefix):
            return container
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return AIFF
    if head.startswith(b"FRM8") and head[12:16] == b"DSD ":
        return DSDIFF
    if head.startswith(b"OggS"):
        first_packet = 27 + head[26] if len(head) > 27 else 0
        codecs = (kind for magic, kind in _OGG_CODECS.items() if head[first_packet:].startswith(magic))
        return next(codecs, OGG)
    if head[4:8] in (b"ftyp", b"styp"):
        return _by_brand(head[8:12])
    if head[4:8] in _MOV_ATOMS and int.from_bytes(head[:4]) >= 8:
        return MOV
    if head.startswith(_EBML):
        has_video = any(codec in head for codec in (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG", b"V_MS", b"V_THEORA"))
        if b"webm" in head[:64]:
            return WEBM_VIDEO if has_video else WEBM
        return MATROSKA_VIDEO if has_video else MATROSKA
    if head.startswith(_ASF):
        return WMV if _ASF_VIDEO in head else WMA
    if len(head) > 3 * _TS_PACKET and all(head[packet * _TS_PACKET] == 0x47 for packet in range(4)):
        return MPEG_TS
    return None


def _by_brand(brand: bytes) -> Container | None:
    if brand in _STILL_BRANDS:
        return None
    if brand.startswith((b"M4A", b"M4B", b"F4A")):
        return M4A
    if brand.startswith((b"3gp", b"3g2")):
        return THREE_GP
    return MOV if brand == b"qt  " else MP4
