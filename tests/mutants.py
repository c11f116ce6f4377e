"""Mutation test of a random sample: which changes of the code does no test notice? Run by `make mutants`.

    python tests/mutants.py [--count 20] [--seed 1] [--only NAME]

Each module of `MODULES` is changed by cosmic-ray in one place at a time, in a copy of the code, and the tests beside it
run.
The changes that survive are printed, and the share that was found.
"""

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

REPOSITORY = Path(__file__).parents[1]
MODULES = {  # module -> the tests beside it that ought to notice; half a minute for speech_quality, seconds else
    "sound/threshold_labels.py": "sound/test_threshold_labels.py",
    "sound/quantiles.py": "sound/test_quantiles.py",
    "sound/clipping.py": "sound/test_clipping.py",
    "sound/sniff_container.py": "sound/test_sniff_container.py",
    "sound/pitch_glide.py": "sound/test_pitch_glide.py",
    "sound/speech_quality.py": "sound/test_speech_quality.py",
    "consent.py": "test_consent.py",
    "scraping/licences.py": "scraping/test_licences.py",
    "scraping/durations_and_sizes.py": "scraping/test_durations_and_sizes.py",
    "scraping/links_per_host.py": "scraping/test_links_per_host.py",
    "scraping/recently_seen.py": "scraping/test_recently_seen.py",
    "scraping/document_types.py": "scraping/test_document_types.py",
    "adapters/table.py": "adapters/test_table.py",
}
TYPES = "BitOr"  # in annotations: no behaviour, and everywhere
SETTINGS = """[cosmic-ray]
module-path = "functions/earshot/{module}"
timeout = 300.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider tests/unit/{tests}"

[cosmic-ray.distributor]
name = "local"
"""


def survivors(folder: Path, module: str, tests: str, count: int, seed: int) -> tuple[int, list[str]]:
    """How many changes were tried, and those of them that no test noticed, as diffs."""
    settings, session = folder / "settings.toml", folder / f"{Path(module).stem}.sqlite"
    settings.write_text(SETTINGS.format(module=module, tests=tests, python=sys.executable))
    environment = os.environ | {"PYTHONPATH": f"{folder / 'functions'}:{folder}", "OPENBLAS_NUM_THREADS": "1"}

    def cosmic_ray(verb: str) -> None:
        command = [sys.executable, "-m", "cosmic_ray.cli", verb, str(settings), str(session)]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

    cosmic_ray("init")
    with closing(sqlite3.connect(session)) as database, database:
        jobs = database.execute(
            "SELECT job_id, operator_name FROM mutation_specs ORDER BY start_pos_row, start_pos_col"
        )
        possible = [job for job, operator in jobs if TYPES not in operator]
        random.Random(seed).shuffle(possible)
        for table in ("mutation_specs", "work_items"):
            marks = ",".join("?" * len(possible[:count]))
            database.execute(f"DELETE FROM {table} WHERE job_id NOT IN ({marks})", possible[:count])
    cosmic_ray("exec")
    with closing(sqlite3.connect(session)) as database:
        results = database.execute("SELECT test_outcome, diff FROM work_results").fetchall()
    return len(results), [diff for outcome, diff in results if outcome == "SURVIVED"]


def main() -> None:
    """Try `--count` changes of each module, and print what no test noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="changes of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="modules whose path has this in it")
    options = parser.parse_args()
    tried = found = 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("functions", "tests", "pyproject.toml"):
            source = REPOSITORY / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
        for module, tests in MODULES.items():
            if options.only not in module:
                continue
            count, alive = survivors(folder, module, tests, options.count, options.seed)
            print(f"{module}: {count - len(alive)} of {count} found", *alive, sep="\n", flush=True)
            tried, found = tried + count, found + count - len(alive)
    print(f"{found} of {tried} changes were noticed: {100 * found / max(tried, 1):.0f} %")


if __name__ == "__main__":
    main()
