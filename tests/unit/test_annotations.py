"""Annotations and their files: what is read is what was written, and a wrong line is named."""

import pytest
from pydantic import ValidationError

from earshot.audio import Annotation
from earshot.audio.annotation_files import FORMATS, BadAnnotations, read, write

URL = "gs://bucket/audio/a.wav"
KNOWN = {"gcp_url": URL, "task": "content", "annotator": "a@example.org"}


def judgement(**fields):
    return Annotation(**(KNOWN | {"label": "speech", "start_ms": 250, "end_ms": 1750} | fields))


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_is_read_again(form):
    made = [judgement(), judgement(label="music", start_ms=0, end_ms=333), judgement(label="", end_ms=500)]
    again = read(write(made, form), form, KNOWN)
    assert [(one.label, one.start_ms, one.end_ms, one.gcp_url) for one in again] == [
        (one.label, one.start_ms, one.end_ms, one.gcp_url) for one in made
    ]
    assert {one.source for one in again} == {form}


def test_a_stretch_must_last():
    with pytest.raises(ValidationError, match="must lie after"):
        judgement(end_ms=250)


def test_a_wrong_line_is_named_and_nothing_is_read():
    text = "label,start_ms,end_ms\nspeech,0,100\nmusic,200,50\n"
    with pytest.raises(BadAnnotations, match="line 3"):
        read(text, "csv", KNOWN)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", "label,start\nspeech,1\n"),
        ("csv", ""),
        ("audacity", "0.0 1.0 speech\n"),
        ("audacity", "nan\t1.0\tspeech\n"),
        ("sonic-visualiser", "0.5,speech\n"),
        ("sonic-visualiser", "zero,0,1,speech\n"),
        ("csv", "label,start_ms,end_ms\nSpeech!,0,100\n"),
        ("xml", "<a/>"),
    ],
)
def test_what_is_no_annotation_is_refused(form, text):
    with pytest.raises(BadAnnotations):
        read(text, form, KNOWN)


def test_columns_of_a_csv_override_what_the_caller_knows():
    (one,) = read("gcp_url,task,label,start_ms,end_ms,annotator\ngs://b/x,instruments,piano,0,9,me\n", "csv", KNOWN)
    assert (one.gcp_url, one.task, one.annotator) == ("gs://b/x", "instruments", "me")


def test_a_spectral_label_of_audacity_is_one_annotation():
    (one,) = read("1.0\t2.5\tmusic\n\\\t100.0\t900.0\n", "audacity", KNOWN)
    assert (one.start_ms, one.end_ms) == (1000, 2500)


def test_labels_of_one_stretch_in_one_file_are_of_one_moment():
    """Of judgements of a stretch the latest holds: made one after the other, only the last line would."""
    text = "label,start_ms,end_ms\nspeech,0,1000\nmusic,0,1000\n"
    assert len({one.created_at for one in read(text, "csv", KNOWN)}) == 1
