"""Which sounds and videos are read: told by their first bytes, opened by the demuxer of that format and no other.

Playlists (HLS, DASH, ASX, concat, SDP …) and everything that names other files or addresses are in no list here.
"""

from typing import BinaryIO

#: Our name of a format → FFmpeg's demuxer.
DEMUXERS = {
    "wav": "wav",
    "rf64": "wav",
    "mp3": "mp3",
    "aac": "aac",
    "flac": "flac",
    "ogg": "ogg",
    "m4a": "mov",
    "mp4": "mov",
    "mov": "mov",
    "3gp": "mov",
    "webm": "matroska",
    "mkv": "matroska",
    "avi": "avi",
    "asf": "asf",
    "flv": "flv",
    "ts": "mpegts",
    "mpeg": "mpeg",
    "aiff": "aiff",
    "caf": "caf",
    "au": "au",
    "amr": "amr",
}
#: Formats that browsers play, with what they are called where there is only sound, and where there is a picture.
CONTENT_TYPES = {
    "wav": ("audio/wav", ""),
    "mp3": ("audio/mpeg", ""),
    "aac": ("audio/aac", ""),
    "flac": ("audio/flac", ""),
    "ogg": ("audio/ogg", ""),
    "m4a": ("audio/mp4", "video/mp4"),
    "mp4": ("audio/mp4", "video/mp4"),
    "webm": ("audio/webm", "video/webm"),
}
_SOUND_CODECS = """
    aac aac_latm ac3 adpcm_ima_qt adpcm_ima_wav adpcm_ms alac amrnb amrwb eac3 flac mp1float mp2 mp2float mp3 mp3float
    opus libopus pcm_alaw pcm_f32be pcm_f32le pcm_f64be pcm_f64le pcm_mulaw pcm_s16be pcm_s16le pcm_s24be pcm_s24le
    pcm_s32be pcm_s32le pcm_s8 pcm_u8 speex libspeex vorbis libvorbis wmav1 wmav2 wmapro wmalossless libopencore_amrnb
    libopencore_amrwb
"""
_PICTURE_CODECS = """
    av1 libdav1d dnxhd dvvideo ffv1 flv h263 h263i h264 hevc huffyuv mjpeg mpeg1video mpeg2video mpeg4 msmpeg4 msmpeg4v2
    prores qtrle rawvideo theora utvideo vc1 vp6 vp6f vp8 libvpx vp9 libvpx-vp9 wmv1 wmv2 wmv3
"""
#: The decoders that are ever tried on a file.
SOUND_CODECS, PICTURE_CODECS = frozenset(_SOUND_CODECS.split()), frozenset(_PICTURE_CODECS.split())
_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
#: Brands of pictures, which have the same wrapping.
_PICTURES = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"crx ", b"jp2 ")
_HEAD = 1024
_MARKS = (
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"FLV\x01", "flv"),
    (b"caff\0\x01", "caf"),
    (b".snd", "au"),
    (b"#!AMR", "amr"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"\0\0\x01\xba", "mpeg"),
)


def sniff(file: BinaryIO) -> str:
    """The format that the file's beginning is the mark of, or an empty string; it is at its beginning again then."""
    head = file.read(_HEAD)
    if head[:3] == b"ID3" and len(head) > 10:  # tags, and behind them the sound
        length = sum((head[6 + i] & 127) << (21 - 7 * i) for i in range(4))
        file.seek(10 + length)
        found = _named(file.read(_HEAD))
        found = found if found in ("mp3", "aac", "flac") else "mp3"
    else:
        found = _named(head)
    file.seek(0)
    return found


def _named(head: bytes) -> str:
    kind = head[8:12]
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        if kind == b"WAVE":
            return "wav" if head[:4] == b"RIFF" else "rf64"
        return "avi" if kind == b"AVI " else ""
    if head[:4] == b"FORM":
        return "aiff" if kind in (b"AIFF", b"AIFC") else ""
    if head[4:8] == b"ftyp":
        return _brand(kind)
    if head[4:8] in _QUICKTIME and head[:2] in (b"\0\0", b"\0\x01"):
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"webm" in head[:64] else "mkv"
    if marked := next((name for mark, name in _MARKS if head.startswith(mark)), ""):
        return marked
    if len(head) > 380 and head[0] == head[188] == head[376] == 0x47:
        return "ts"
    if len(head) > 388 and head[4] == head[196] == head[388] == 0x47:
        return "ts"
    return _stream(head)


def _brand(brand: bytes) -> str:
    if brand in _PICTURES:
        return ""
    if brand == b"qt  ":
        return "mov"
    if brand in (b"M4A ", b"M4B "):
        return "m4a"
    return "3gp" if brand[:2] == b"3g" else "mp4"


def _stream(head: bytes) -> str:
    """Of a bare stream of frames, by the header of its first."""
    if len(head) < 4 or head[0] != 0xFF:
        return ""
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    fits = (
        head[1] & 0xE0 == 0xE0
        and head[1] >> 3 & 3 != 1
        and head[1] >> 1 & 3 != 0
        and head[2] >> 4 != 15
        and head[2] >> 2 & 3 != 3
    )
    return "mp3" if fits else ""
