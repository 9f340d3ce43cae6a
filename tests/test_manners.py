"""Native logs stay off stderr, and nothing else does: what the caller's own threads write there comes out."""

import os
import subprocess
import sys
import threading

import cv2
import pytest
from conftest import ROOT

from formcheck.pose.mediapipe_guard import one_thread_each, quiet

LOGS = (
    b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
    b"WARNING: Logging before InitGoogle() is written to STDERR\n"
    b"WARNING: \n"
    b"W0000 00:00:1795784974.868551    7460 inference_feedback_manager.cc:121] Feedback manager requires a model.\n"
    b"INFO: [accelerator_registry.cc:43] DestroyAccelerator: ptr=0x559f093a7dd0, name=CpuAccelerator\n"
    b"I0000 00:00:1758455106.022223   62590 accelerator_registry.cc:40] DestroyAccelerator: ptr=0x559f, name=Cpu\n"
    b"WARNING: WARNING: [model_load.cc:402] Sparsity tensors may not yet be fully supported.\n"
    b"[model_load.cc:402] Sparsity tensors may not yet be fully supported.\n\n\n"
    b"QFontDatabase: Cannot find font directory /fonts.\n"
)
MINE = (
    b"[train.py:40] epoch 2\n\nINFO: epoch 3 of 10\nWARNING: disk almost full\nTraceback (most recent call last):\n"
    b"E0001: my own code\n"
)


def test_logs_are_dropped_and_the_callers_own_lines_come_out(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        os.write(2, LOGS + MINE + LOGS + b"no newline at the end")
        assert capfd.readouterr().err == "", "held back"
    assert capfd.readouterr().err == MINE.decode() + "no newline at the end"
    os.write(2, LOGS[:10])
    assert capfd.readouterr().err == LOGS[:10].decode(), "outside of the block nothing is touched"


def test_the_end_of_the_process_is_heard(capfd: pytest.CaptureFixture[str]) -> None:
    fatal = b"F0000 00:00:1795784974.868551    7460 graph.cc:121] Check failed\n"
    with quiet():
        os.write(2, fatal)
    assert capfd.readouterr().err == fatal.decode()


def test_blocks_nest_and_overlap(capfd: pytest.CaptureFixture[str]) -> None:
    both, done = threading.Barrier(2, timeout=30), threading.Event()

    def other() -> None:
        with quiet():
            both.wait()
            assert done.wait(30)

    thread = threading.Thread(target=other)
    thread.start()
    with quiet():
        with quiet():
            os.write(2, LOGS)
        both.wait()
        os.write(2, LOGS)
    os.write(2, LOGS + MINE)
    assert capfd.readouterr().err == "", "the other block still runs"
    done.set()
    thread.join()
    assert capfd.readouterr().err == MINE.decode()


def test_an_error_in_the_block_leaves_stderr_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), quiet():
        raise KeyError
    os.write(2, LOGS)
    assert capfd.readouterr().err == LOGS.decode()


def test_a_program_without_stderr() -> None:
    probe = (
        "import os; os.close(2)\nfrom formcheck.pose.mediapipe_guard import quiet\nwith quiet(): pass\nprint('went on')"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, stdout=-1, text=True, check=True)
    assert done.stdout == "went on\n"


def test_a_landmarker_is_silent_from_its_making_to_its_end() -> None:
    probe = (
        "import sys, numpy as np\n"
        "from formcheck.pose import landmarker, model_files\n"
        "for video in (False, True):\n"
        "    one = landmarker.Landmarker(str(model_files.load_model('lite').path), video=video, masks=video)\n"
        "    one.find(np.full((256, 256, 3), 100, np.uint8))\n"
        "    one.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, stderr=-1, text=True, check=True)
    assert done.stderr == ""


def test_what_draws_and_hears_in_mediapipe_is_loaded_when_it_is_used() -> None:
    probe = (
        "import sys\n"
        "from formcheck.pose import landmarker\n"
        "def loaded(): return {'matplotlib', 'sounddevice'} & set(sys.modules)\n"
        "print(sorted(loaded()), any('guard' in type(each).__module__ for each in sys.meta_path))\n"
        "import mediapipe\n"
        "from mediapipe.tasks.python.vision import drawing_utils\n"
        "drawing_utils.DrawingSpec(), mediapipe.tasks.audio.AudioClassifier\n"
        "print('matplotlib' in loaded())\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, stdout=-1, text=True, check=True)
    assert done.stdout == "[] False\nTrue\n"


def test_opencv_splits_nothing_while_a_film_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENCV_FOR_THREADS_NUM", raising=False)
    cv2.setNumThreads(2)
    with one_thread_each():
        assert (cv2.getNumThreads(), os.environ["OPENCV_FOR_THREADS_NUM"]) == (1, "1")
    assert (cv2.getNumThreads(), "OPENCV_FOR_THREADS_NUM" in os.environ) == (2, False)
    monkeypatch.setenv("OPENCV_FOR_THREADS_NUM", "4")
    with pytest.raises(KeyError), one_thread_each():
        raise KeyError
    assert os.environ["OPENCV_FOR_THREADS_NUM"] == "4"
