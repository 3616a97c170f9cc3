"""`edgekit lab`: a real server on loopback with a token, the first lesson in its address, and a clean end."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from edgekit.commands import lab


def fetch(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return answer.status, answer.read()


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("01_second.ipynb", "00_first.ipynb"):
        (folder / name).write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    return folder


def test_the_server_answers_on_loopback_to_the_token_alone(work, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    port = lab.choose_port(None)
    server = lab.start(port, work, "secret")
    try:
        lab.await_answer(server, port, "secret")
        base = f"http://127.0.0.1:{port}"
        status, page = fetch(f"{base}/lab{lab.first_lesson(work)}?token=secret")
        assert status == 200
        assert b"jupyter-config-data" in page
        names = json.loads(fetch(f"{base}/api/contents?token=secret")[1])["content"]
        assert {entry["name"] for entry in names} == {"00_first.ipynb", "01_second.ipynb"}
        settings = json.loads(
            fetch(f"{base}/lab/api/settings/@jupyterlab/apputils-extension:notification?token=secret")[1]
        )
        assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(f"{base}/api/contents")
        assert not lab.is_free(port)
    finally:
        lab.stop(server)
    assert lab.is_free(port)


def test_the_server_listens_on_loopback_without_retries(work):
    line = " ".join(lab.command(8888, work))
    assert "--ServerApp.ip=127.0.0.1" in line
    assert "--ServerApp.port_retries=0" in line
    assert "token" not in line


def test_a_taken_port_is_refused_and_another_is_found():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=rf"lab: port {port} is taken; give another --port"):
            lab.choose_port(port)
        assert lab.choose_port(None) != port
    with pytest.raises(ValueError, match=r"--port must be 1\.\.65535, got 0"):
        lab.choose_port(0)


def test_a_server_that_ends_early_is_said_at_once(work):
    server = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    server.wait()
    with pytest.raises(ValueError, match=r"JupyterLab ended with status 3; .*edgekit doctor"):
        lab.await_answer(server, 1, "secret")


def test_lesson_0_comes_first_and_no_lesson_is_no_path(work, tmp_path):
    assert lab.first_lesson(work) == "/tree/00_first.ipynb"
    assert lab.first_lesson(tmp_path) == ""


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_end_of_the_command_is_the_end_of_the_server(root, work, tmp_path, number, status):
    code = (  # a job in the background inherits SIGINT ignored: here it must work as at a terminal
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "import sys; from pathlib import Path; from edgekit import cli; from edgekit.commands import lab; "
        "lab.prepare = lambda: Path(sys.argv[1]); sys.exit(cli.main(['lab', '--no-browser', '--json']))"
    )
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    command = subprocess.Popen(
        [sys.executable, "-c", code, str(work)], cwd=root, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        lines = iter(command.stdout.readline, "")
        text = ""
        for line in lines:
            text += line
            if line == "}\n":
                break
        told = json.loads(text)
        assert fetch(told["url"])[0] == 200
        assert told["url"].startswith(f"http://127.0.0.1:{told['port']}/lab/tree/00_first.ipynb?token=")
        command.send_signal(number)
        assert command.wait(timeout=20) == status
        assert lab.is_free(told["port"])
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(command.pid, signal.SIGKILL)
        command.communicate(timeout=20)
