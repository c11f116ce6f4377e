"""Frame features beside recordings: each that can be, once; what cannot be decoded costs itself only."""

from earshot.audio import AudioObject
from earshot.errors import Undecodable
from earshot.operating.frame_features import featurise


class World:
    """A bucket of recordings by name and generation, and the rows that select all of them."""

    def __init__(self, **generations):
        self.generations = generations
        self.kept = {}

    def rows(self, sql):
        return [{"gcp_url": f"gs://recordings/audio/{name}.wav", "audio_id": name} for name in sorted(self.generations)]

    def describe(self, name):
        generation = self.generations[name.removeprefix("audio/").removesuffix(".wav")]
        return AudioObject("recordings", name, generation, 1) if generation else None

    def download(self, kept, path):
        path.write_text(kept.name)
        return True

    def beside(self, name):
        return self.kept.get(name)

    def delete(self, name):
        del self.kept[name]

    def put_derived(self, name, path, content_type, labels):
        assert path.read_text() == "frames"
        self.kept[name] = dict(labels)


def write(path, out, *, frame_ms):
    if "broken" in path.read_text():
        raise Undecodable("not one sample")
    out.write_text("frames")
    return 1000 // frame_ms


def run(world, **more):
    return featurise(world, world, "TRUE", write=write, **more)


def test_each_recording_that_stands_gets_its_features():
    world = World(a=1, b=2, gone=0)
    report = run(world)
    assert (report.selected, report.written, report.frames, report.gone) == (3, 2, 10, 1)
    assert {name: labels["generation"] for name, labels in world.kept.items()} == {
        "features/a.parquet": "1",
        "features/b.parquet": "2",
    }


def test_one_that_cannot_be_decoded_costs_itself_only():
    report = run(World(a=1, broken=1, c=1))
    assert (report.written, report.failed) == (2, [("gs://recordings/audio/broken.wav", "not one sample")])


def test_what_is_there_is_computed_again_for_other_frames_or_other_bytes_only():
    world = World(a=1, b=1)
    run(world)
    assert (run(world).written, run(world).kept) == (0, 2)
    assert run(world, frame_ms=100).written == 2
    world.generations["a"] = 2
    report = run(world, frame_ms=100)
    assert (report.written, report.kept) == (1, 1)


def test_one_forgotten_while_its_features_are_computed_leaves_none():
    world = World(a=1, b=1)

    def forgetting(path, out, *, frame_ms):
        if path.read_text() == "audio/a.wav":
            world.generations["a"] = 0
        return write(path, out, frame_ms=frame_ms)

    report = featurise(world, world, "TRUE", write=forgetting)
    assert (report.written, report.gone) == (1, 1)
    assert list(world.kept) == ["features/b.parquet"]


def test_every_recording_is_counted_once_however_many_are_worked_on():
    world = World(**{f"r{n:03d}": n % 3 for n in range(300)})
    report = run(world, workers=16)
    assert (report.selected, report.written, report.gone, report.frames) == (300, 200, 100, 1000)
