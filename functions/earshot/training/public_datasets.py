"""The public sets that the trainer knows: where each is published, its terms, and how to cite it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PublicDataset:
    """A set before anything of it is fetched.

    Attributes:
        name: as the command line and the readers call it.
        source: zenodo (a record, whose files and checksums its API names), web (addresses), or kaggle (OWNER/NAME).
        files: of a Zenodo record the files that are needed; of the web the addresses.
        page: where people read about it, and find it again when it has moved.
        unpacked_gb: the most that it may unpack to.
    """

    name: str
    title: str
    source: Literal["zenodo", "web", "kaggle"]
    record: str
    files: tuple[str, ...]
    page: str
    licence: str
    citation: str
    unpacked_gb: float


DATASETS = (
    PublicDataset(
        "gtzan",
        "GTZAN music/speech: 128 excerpts of 30 s",
        "web",
        "",
        ("http://opihi.cs.uvic.ca/sound/music_speech.tar.gz",),
        "https://www.tensorflow.org/datasets/catalog/gtzan_music_speech",
        "no licence is given; collected for research",
        "G. Tzanetakis: GTZAN Music/Speech Collection, 1999",
        2,
    ),
    PublicDataset(
        "musan",
        "MUSAN: 109 hours of music, speech and noise",
        "web",
        "",
        ("https://www.openslr.org/resources/17/musan.tar.gz",),
        "https://www.openslr.org/17/",
        "CC BY 4.0; each folder names the licences of its sources",
        "D. Snyder, G. Chen, D. Povey: MUSAN: A Music, Speech, and Noise Corpus, arXiv:1510.08484, 2015",
        20,
    ),
    PublicDataset(
        "irmas",
        "IRMAS: 6,705 excerpts of 3 s by predominant instrument",
        "zenodo",
        "1290750",
        ("IRMAS-TrainingData.zip",),
        "https://zenodo.org/records/1290750",
        "CC BY-NC-SA 3.0: not for commercial use, share alike",
        "J. J. Bosch, J. Janer, F. Fuhrmann, P. Herrera: A Comparison of Sound Segregation Techniques for Predominant"
        " Instrument Recognition in Musical Audio Signals, ISMIR 2012",
        10,
    ),
    PublicDataset(
        "openmic",
        "OpenMIC-2018: 20,000 excerpts of 10 s, 20 instruments, partial labels",
        "zenodo",
        "1432913",
        ("openmic-2018-v1.0.0.tgz",),
        "https://zenodo.org/records/1432913",
        "CC BY 4.0; the audio by the licences of its tracks",
        "E. Humphrey, S. Durand, B. McFee: OpenMIC-2018: An Open Dataset for Multiple Instrument"
        " Recognition, ISMIR 2018",
        10,
    ),
    PublicDataset(
        "fsdkaggle2018",
        "FSDKaggle2018: 11,073 clips of 41 classes",
        "zenodo",
        "2552860",
        ("FSDKaggle2018.audio_train.zip", "FSDKaggle2018.audio_test.zip", "FSDKaggle2018.meta.zip"),
        "https://zenodo.org/records/2552860",
        "CC BY 4.0 as a whole; each clip CC0 or CC BY, kept in the manifest",
        "E. Fonseca et al.: General-purpose Tagging of Freesound Audio with AudioSet Labels, DCASE 2018",
        20,
    ),
    PublicDataset(
        "philharmonia",
        "Philharmonia: notes of orchestral instruments",
        "web",
        "",
        ("https://philharmonia-assets.s3-eu-west-1.amazonaws.com/uploads/2020/02/12112005/all-samples.zip",),
        "https://philharmonia.co.uk/resources/sound-samples/",
        "CC BY-SA 3.0: share alike; not to be sold as samples",
        "Philharmonia Orchestra: Sound Samples",
        5,
    ),
    PublicDataset(
        "vocalset",
        "VocalSet: ten hours of 20 singers",
        "zenodo",
        "1193957",
        ("VocalSet.zip",),
        "https://zenodo.org/records/1193957",
        "CC BY 4.0",
        "J. Wilkins, P. Seetharaman, A. Wahl, B. Pardo: VocalSet: A Singing Voice Dataset, ISMIR 2018",
        20,
    ),
    PublicDataset(
        "misd",
        "MISD: guitar, piano, violin and drums, of Kaggle",
        "kaggle",
        "soumendraprasad/musical-instruments-sound-dataset",
        (),
        "https://www.kaggle.com/datasets/soumendraprasad/musical-instruments-sound-dataset",
        "as its page says; read it before use",
        "S. Prasad: Musical Instrument's Sound Dataset, Kaggle",
        20,
    ),
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}
