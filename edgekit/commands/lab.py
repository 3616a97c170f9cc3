"""Open JupyterLab on lesson 0, in a working copy of the lessons."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from edgekit.commands import finish
from edgekit.packages import ROOT
from edgekit.progress import say

FIRST_PORT = 8888
START_LIMIT_S = 60


def add_parser(subparsers):
    """Describe the command's arguments."""
    parser = subparsers.add_parser("lab", help=__doc__, description=__doc__)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument(
        "--port", type=int, help=f"the port to serve on (default: the first free one from {FIRST_PORT})"
    )
    return parser


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(wanted: int | None) -> int:
    """The wanted port, or the first free one; an error if the wanted one is taken or impossible."""
    if wanted is None:
        return next(port for port in range(FIRST_PORT, 65536) if is_free(port))
    if not 1 <= wanted <= 65535:
        raise ValueError(f"lab: --port must be 1..65535, got {wanted}; leave it out to get a free one")
    if not is_free(wanted):
        raise ValueError(
            f"lab: port {wanted} is taken; give another --port, or leave it out to get a free one"
        )
    return wanted


def first_lesson(work: Path) -> str:
    """The path of lesson 0 in the working copy, as Lab's address wants it; empty without lessons."""
    lessons = sorted(path.name for path in work.glob("*.ipynb"))
    return f"/tree/{lessons[0]}" if lessons else ""


def command(port: int, work: Path) -> list[str]:
    """The server: loopback only, no news, no browser of its own, no other port than the one said."""
    settings = Path(__file__).with_name("lab_settings")
    line = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.open_browser=False",
        f"--ServerApp.root_dir={work}",
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        f"--LabApp.app_settings_dir={settings}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    return line + ["--allow-root"] * (hasattr(os, "geteuid") and os.geteuid() == 0)


def start(port: int, work: Path, token: str) -> subprocess.Popen:
    """Start the server in a group of its own, so that an interrupt reaches it through us alone."""
    scripts = os.path.dirname(sys.executable)
    environment = {
        **os.environ,
        "JUPYTER_TOKEN": token,
        "PATH": scripts + os.pathsep + os.environ.get("PATH", ""),
    }
    own_group = {} if os.name == "nt" else {"start_new_session": True}
    return subprocess.Popen(
        command(port, work), env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, **own_group
    )


def await_answer(server: subprocess.Popen, port: int, token: str) -> None:
    """Wait until the server answers, or say that it ended."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/status", headers={"Authorization": f"token {token}"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ValueError(
                f"lab: JupyterLab ended with status {server.returncode}; see its lines above, "
                "or run: python3 -m edgekit doctor"
            )
        with contextlib.suppress(OSError, urllib.error.URLError), direct.open(request, timeout=2):
            return
        time.sleep(0.1)
    raise ValueError(
        f"lab: JupyterLab did not answer within {START_LIMIT_S} s; run: python3 -m edgekit doctor"
    )


def stop(server: subprocess.Popen) -> None:
    """End the server and its kernels, gently first."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def prepare(root: Path = ROOT) -> Path:
    """Bring the working copy up to date, say what changed, and return its folder."""
    from edgekit.course.lessons import prepare_work

    for message in prepare_work(root):
        say(message)
    (root / "work").mkdir(exist_ok=True)
    return root / "work"


def main(args) -> int:
    """Serve the working copy until interrupted."""
    port, token = choose_port(args.port), secrets.token_hex(24)
    work = prepare()
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal ends the server too
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: sys.exit(0))
    server = start(port, work, token)
    try:
        await_answer(server, port, token)
        address = f"http://127.0.0.1:{port}/lab{first_lesson(work)}?token={token}"
        finish(
            args,
            {"url": address, "port": port, "work": str(work), "pid": server.pid},
            f"JupyterLab is open at {address}\nYour copy of the lessons: {work}. Ctrl-C here ends it.",
        )
        if not args.no_browser:
            import webbrowser

            webbrowser.open(address)
        return server.wait()
    except KeyboardInterrupt:
        say(f"JupyterLab ended; your lessons stay in {work}")
        return 130
    finally:
        stop(server)
