"""JupyterLab starts on the workspace and leaves the user's home alone."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from traitlets.config import Config

from course_lib import launch

START = """
import sys
from pathlib import Path
from course_lib import launch
launch.WORKSPACE = Path(sys.argv[1])
sys.exit(launch.lab(*sys.argv[2:]))
"""


@pytest.fixture
def home(tmp_path):
    """A home whose own Jupyter settings would stop any Jupyter that reads them."""
    settings = tmp_path / "home" / ".jupyter"
    settings.mkdir(parents=True)
    (settings / "jupyter_server_config.py").write_text("raise SystemExit('the user settings were read')")
    return tmp_path / "home"


@contextlib.contextmanager
def running_lab(home, workspace):
    """JupyterLab as `course lab` starts it, at a terminal; yields its process, address and keyboard."""
    keyboard, terminal = os.openpty()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", START, workspace]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    with subprocess.Popen(
        [*command, *options],
        env=environment | {"HOME": str(home)},
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process, f"http://127.0.0.1:{port}", keyboard
        finally:
            with contextlib.suppress(ProcessLookupError):  # where the test has ended it
                os.killpg(process.pid, signal.SIGTERM)
            os.close(keyboard)
            os.close(terminal)


def get(url, process, patience=60):
    for _ in range(10 * patience):
        with contextlib.suppress(OSError):
            return json.load(urllib.request.urlopen(url, timeout=5))
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.1)
    raise TimeoutError(url)


@pytest.mark.kernel
def test_lab_serves_the_workspace_and_leaves_home_alone(home, tmp_path):
    workspace = tmp_path / "workspace"
    with running_lab(home, workspace) as (process, url, _):
        served = {entry["name"] for entry in get(f"{url}/api/contents/", process)["content"]}
        get(f"{url}/lab/api/settings", process)
    assert {path.name for path in launch.NOTEBOOKS.glob("*.ipynb")} <= served
    assert [str(path.relative_to(home)) for path in home.rglob("*")] == [
        ".jupyter",
        ".jupyter/jupyter_server_config.py",
    ]


@pytest.mark.kernel
def test_interrupt_is_jupyterlab_s_to_answer(home, tmp_path):
    """Ctrl-C reaches launcher and server alike; the server asks first, and the answer here is no."""
    with running_lab(home, tmp_path / "workspace") as (process, url, keyboard):
        get(f"{url}/api/status", process)
        os.killpg(process.pid, signal.SIGINT)
        os.write(keyboard, b"n\n")
        time.sleep(1.5)
        assert process.poll() is None
        get(f"{url}/api/status", process)


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_one_lab_a_workspace_and_a_signal_ends_its_server(home, tmp_path, name):
    workspace = tmp_path / "workspace"
    with running_lab(home, workspace) as (process, url, _):
        get(f"{url}/api/status", process)
        second = subprocess.run(
            [sys.executable, "-c", START, workspace, "--no-browser"], capture_output=True, text=True
        )
        assert second.stdout == f"JupyterLab is already running: {url}/lab\n"
        assert (second.returncode, second.stderr) == (0, "")
        with pytest.raises(BlockingIOError, match=f"{url}/lab$"), launch.workspace_to_ourselves(workspace):
            pass
        process.send_signal(getattr(signal, name))
        process.wait(60)
        with pytest.raises(OSError):
            urllib.request.urlopen(url, timeout=5)
        assert launch.running_lab(workspace) is None


def test_a_workspace_that_another_program_brings_up_to_date_is_left_alone(tmp_path):
    held = "already running: it is just starting or ending"
    ours, theirs = (launch.workspace_to_ourselves(tmp_path) for _ in range(2))
    with ours, pytest.raises(BlockingIOError, match=held), theirs:
        pass
    with launch.workspace_to_ourselves(tmp_path):
        pass


def test_a_lab_that_outlived_its_launcher_is_found(tmp_path):
    server = {"root_dir": str(tmp_path), "url": "http://127.0.0.1:8888/", "token": "a", "pid": os.getpid()}
    (tmp_path / launch.RUNTIME).mkdir()
    (tmp_path / launch.RUNTIME / "jpserver-1.json").write_text(json.dumps(server))
    assert launch.running_lab(tmp_path, tmp_path) == "http://127.0.0.1:8888/lab?token=a"
    assert launch.running_lab(tmp_path / "other", tmp_path) is None


def test_no_news_no_updates_and_nobody_else_on_the_network():
    settings = json.loads((launch.ROOT / "jupyter/labconfig/default_setting_overrides.json").read_text())
    news = settings["@jupyterlab/apputils-extension:notification"]
    assert news == {"fetchNews": "false", "checkForUpdates": False}
    config = Config()
    source = (launch.ROOT / "jupyter/jupyter_server_config.py").read_text()
    exec(source, {"get_config": lambda: config})
    first = Path(config.LabApp.default_url).relative_to("/lab/tree")
    assert first == Path(min(path.name for path in launch.NOTEBOOKS.glob("*.ipynb")))
    assert config.LabApp.news_url is None
    assert config.LabApp.check_for_updates_class == "jupyterlab.NeverCheckForUpdate"
    assert config.LabApp.extension_manager == "readonly"
    assert config.ServerApp.ip == "127.0.0.1"
    assert config.KernelSpecManager.allowed_kernelspecs == {"python3"}
    assert config.LanguageServerManager.autodetect is False


def test_environment_keeps_every_folder_in_the_state(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "/elsewhere")
    monkeypatch.setenv("MPLBACKEND", "other")
    environment = launch.jupyter_environment(tmp_path)
    assert "JUPYTER_PATH" not in environment
    for name in (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "MPLCONFIGDIR",
    ):
        assert Path(environment[name]).is_relative_to(tmp_path)
        assert Path(environment[name]).is_dir()
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["PYTHONUTF8"] == "1"
    assert environment["PYTHONNOUSERSITE"] == "1"
    assert "MPLBACKEND" not in environment
