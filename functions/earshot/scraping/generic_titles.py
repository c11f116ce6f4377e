"""Which texts are the title of a recording, and which are what any link or player may be called: "Download", "MP3".

A text says nothing if it is a URL, a file name, markup or a template, or if all its words are for playing and loading,
formats, sizes and durations, in one of some thirty languages.
"""

from functools import lru_cache
from html import unescape
from unicodedata import category

from earshot.scraping.media_types import has_audio_extension
from earshot.scraping.recording_name_in_url import ANY_NAME

LONGEST = 2000  # characters of a title that are looked at
LONGEST_GENERIC = 90  # characters: all words of a longer text are never generic
LONGEST_PATH = 30  # characters of a single word with a slash; a longer one is a path
LEAST_DIGITS = 4  # of a text without words that may be a date or a year
TEMPLATE = ("{{", "{%", "<%", "${", "{if", "{$")
MARKUP = ("<", "{", "&lt;")
ADDRESS = ("http://", "https://", "//", "www.", "ftp://", "application/")
WORDS = """
a about access and appears as at below browser button by can click clip do does download downloading downloads
element embed episode' for free from full get hear here high in interview' is it its link listen listening loading
low mobile new now of on open options or original part' play playback player playing please pause podcast popup
quality radio' read recording' right sample save segment' share show' size song' sound stop story' stream streaming
subscribe support tab target the this to track' transcript version via view watch window with you your comments
comment print email copy menu mute volume skip article' audio audios audioplayer audioclip file files media episodes
duration length written words sharing facebook twitter more info details rss itunes apple spotify feeds abspielen
anhören anhoeren audiodatei auf beitrag' bitte das datei den der des die dem downloaden ein eine einem folge'
herunterladen herunter hier hören hoeren im jetzt klick klicken laden mit nachhören öffnen pocast podcasts sendung'
speichern starten teilen ton tondatei und unter von vorlesen wiedergabe wiedergeben zu zum zur au aux avec cette ce
chargement ci cliquez cliquer d de dessous document du écoute écouter écoutez émission' en enregistrer épisode' et
extrait fichier format ici l la le lecteur lecture les lien lire nouvelle onglet ou partager podcaster pour
réécouter réécoutez sans site son sonore sous sur télécharger téléchargement téléchargez une un abrir ahora aquí
archivo bajar clic descarga descargar descárgalo descargue el episodio' escucha escuchar escúchalo escuche escúchelo
esta este guardar haz los nota' oír para pausa por programa' reproducir reproductor sonido y compartir agora aqui
arquivo áudio baixar baixe clique compartilhar com descarregar episódio' escutar ficheiro o ouça ouvir reproduzir
salvar tocar transferir um uma al apri ascolta ascoltare ascoltalo clicca condividi del e ed il lo per puntata' qui
riproduci salva scarica scaricare scaricalo su afspelen af beluister bestand deel delen fragment het klik luister
luisteren naar om op opslaan speel te terug van voor aflevering' dela fil för hent hør hör her här ladda last lad
ljud lyd lydfil lyssna lyt lytt med ned ner nu og och på spela spill spil afspil till til av upp avsnitt'
äänitiedosto avaa jakso' kuuntele lataa tallenna tästä tiedosto toista kliknij nagranie odsłuchaj odtwórz plik
pobierz posłuchaj słuchaj tutaj tu z audycja' na nahrávku poslechnout poslech přehrát soubor stáhnout stiahnuť
stáhněte zde zvuk vypočuť letöltés lejátszás hallgatás hallgasd meg hangfájl itt ascultă descarcă redă fișier aici
dinle dinleyin dosya dosyası indir indirin oynat ses sesli tıklayın için çal buradan в воспроизвести выпуск' для
загрузить запись здесь звук играть пауза подкаст послушать прослушать скачать слушать файл файла аудио аудиофайл мб
кб мин сек час слушайте прямая плеер онлайн бесплатно и аудіо завантажити запис прослухати слухати тут изтегли
слушай преузми слушај ακούστε ακρόαση κατεβάστε λήψη ήχος εδώ tải về xuống nghe phát unduh dengarkan dengar putar
muat turun mainkan di sini הורדה האזנה האזן השמע הורד נגן استماع استمع تحميل تشغيل تنزيل صوت ملف اضغط هنا للتحميل
دانلود پخش شنیدن گوش کنید فایل صوتی بشنوید ダウンロード 再生 再生する 聴く 聞く 音声 音声を聞く 音声を聴く
音声を再生 音声ファイル 試聴 試聴する 下载 下載 播放 收听 收聽 音频 音頻 试听 試聽 点击下载 點擊下載 点击播放
收听音频 下载音频 语音播放 다운로드 재생 듣기 오디오 음성 바로듣기 다시듣기 डाउनलोड सुनें ऑडियो करें b byte bytes gb
gib kb kbyte kib mb mbyte mib go ko mo octets h hr hrs hour hours m min mins minute minutes minuten minuto minutos
minuti minuter minut s sec secs second seconds std sekunden segundos secondes
bit bitrate bps cbr hd hi hifi hq hz kbit kbits kbps khz lofi lq mono mpeg mpg stereo stéréo vbr bandwidth
lossless compressed uncompressed vorbis mpeg4 alac pcm zip mp3 aac ogg oga m4a m4b wav flac wma opus aiff aif webm
avi mov mp4
"""  # noqa: RUF001 (other alphabets)


def _lower(text: str) -> str:
    """In lower case; a Turkish İ without the dot above that Python leaves of it."""
    return text.replace("\u0130", "i").lower()


def _words(text: str) -> list[str]:
    """The words of a text without digits: `mp` of `MP3`."""
    return "".join(one if one.isalpha() or category(one)[0] == "M" else " " for one in _lower(text)).split()


GENERIC = frozenset(_words(" ".join(word for word in WORDS.split() if not word.endswith("'"))))
UNNUMBERED = frozenset(word[:-1] for word in WORDS.split() if word.endswith("'"))
"""Words that are as generic by themselves, but a title with a number: "Episode 12"."""
EVER_GENERIC = GENERIC | UNNUMBERED


@lru_cache(maxsize=4096)
def is_title(text: str) -> bool:
    """Whether a text, on one line, may be the title of a recording."""
    if text.startswith(MARKUP) or (("{" in text or "%" in text) and any(map(text.__contains__, TEMPLATE))):
        return False
    if " " not in text and (_is_address(text) or has_audio_extension(text)):
        return False
    return len(text) > LONGEST_GENERIC or not _is_generic(text)


def title_of(text: str, file_name: str) -> str | None:
    """A text as the title of the recording in a file of this name, which counts if it is more than one word.

    A generic word that the file is called by too is its title: that of a song, a word of a dictionary.
    """
    stem = file_name.rpartition(".")[0]
    if text == file_name:
        text = stem if " " in text else ""
    if not text or is_title(text):
        return text or None
    return text if stem.lower() not in ANY_NAME and _characters(text) == _characters(stem) else None


def json_title(text: str | None) -> str | None:
    """A title as JSON on a page has it, in which entities of HTML may be left; None if it is none."""
    text = (text or "")[:LONGEST]
    if "&" in text:
        text = unescape(text)
    return text if text and is_title(" ".join(text.split())) else None


def _characters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _is_address(text: str) -> bool:
    return text.startswith(ADDRESS) or ("/" in text and len(text) > LONGEST_PATH)


def _is_generic(text: str) -> bool:
    if any(word.isalpha() and word not in EVER_GENERIC for word in _lower(text).split()):  # as in most
        return False
    digits = sum(map(str.isdecimal, text))
    words = _words(text)
    if not words:
        return digits < LEAST_DIGITS or ":" in text
    return all(word in GENERIC or (not digits and word in UNNUMBERED) for word in words)
