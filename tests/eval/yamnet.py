"""YAMNet on its published weights, beside the other backends, and on recorded notes of one instrument each.

`make eval-real YAMNET=yamnet.h5`; the notes where EARSHOT_NOTES names the folder of their packages.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from earshot.operating.import_yamnet import convert
from earshot.tagging.model_manifest import BackboneManifest

with TemporaryDirectory() as folder:
    backbone, heads = convert(Path(sys.argv[1]), Path(folder, "converted"))
    manifest = BackboneManifest.from_json((backbone / "backbone.json").read_bytes())
    place = Path(folder, "converted", "backbones", manifest.sha256)
    place.parent.mkdir()
    backbone.rename(place)
    content = next(head for head in heads if head.name == "content")
    if notes := os.environ.get("EARSHOT_NOTES"):
        instruments = next(head for head in heads if head.name == "instruments")
        command = [sys.executable, Path(__file__).with_name("solo_notes.py"), instruments, place.parent, notes]
        subprocess.run(command, check=True)
    arguments = ["--model", str(content), *sys.argv[2:]]
    sys.exit(subprocess.run([sys.executable, Path(__file__).with_name("tags.py"), *arguments], check=False).returncode)
