"""Start JupyterLab on loopback, away from the user's settings, and drive it in a headless browser."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

START_S, READY_S, RUN_S = 40, 30, 60
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}


def chromium():
    """The path of the browser, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def running_lab(folder, root):
    """JupyterLab serving `folder`, with `root` on the path of its kernels: yields its address, with the token in it."""
    home = folder.parent / "home"
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(NO_NEWS), encoding="utf-8")
    port, token = free_port(), secrets.token_hex(16)
    options = {
        "IdentityProvider.token": token,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    with open(home / "lab.log", "wb") as log:
        lab = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            cwd=folder,
            env=private_environment(home, root),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            await_server(lab, f"http://127.0.0.1:{port}/api/status?token={token}", home / "lab.log")
            yield f"http://127.0.0.1:{port}/lab?token={token}"
        finally:
            lab.terminate()
            try:
                lab.wait(10)
            except subprocess.TimeoutExpired:
                lab.kill()
                lab.wait()


def private_environment(home, root):
    """The environment, with every folder of Jupyter's under `home`."""
    folders = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "IPYTHONDIR": home / "ipython",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    return os.environ | {name: str(folder) for name, folder in folders.items()} | {"PYTHONPATH": path}


def free_port():
    """A port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_server(process, address, log):
    """Return when `address` answers; fail with the end of the log when the process ends or START_S pass."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not answer within {START_S} s:\n{log.read_text(errors='replace')[-2000:]}")


class Notebook:
    """One notebook open in a page of JupyterLab."""

    def __init__(self, page, address, name):
        self.page = page
        page.goto(address, wait_until="domcontentloaded")
        page.wait_for_function("window.jupyterapp && window.jupyterapp.started", timeout=1000 * READY_S)
        page.evaluate("() => window.jupyterapp.restored")
        page.evaluate(OPEN, name)

    def run_all(self):
        """Run every cell and wait until the last has run, or one has failed."""
        # the command's promise ends only with the last cell: not awaited, the cells are watched instead
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self.page.wait_for_function(DONE, timeout=1000 * RUN_S)

    def errors(self):
        """The errors in the outputs of the cells, as 'name: value'."""
        return self.page.evaluate(ERRORS)


CELLS = "window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')"
OUTPUTS = f"{CELLS}.flatMap(cell => cell.model.outputs.toJSON())"
ERRORS = f"() => {OUTPUTS}.filter(o => o.output_type === 'error').map(o => o.ename + ': ' + o.evalue)"
DONE = f"""() => {OUTPUTS}.some(o => o.output_type === 'error') ||
  {CELLS}.filter(cell => cell.model.sharedModel.getSource().trim())
    .every(cell => cell.model.executionCount > 0 && !cell.inputArea.promptNode.textContent.includes('*'))"""
OPEN = """async (name) => {
  const app = window.jupyterapp;
  const panel = await app.commands.execute('docmanager:open', { path: name, factory: 'Notebook' });
  await panel.revealed;
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session.kernel;
  await kernel.info;
  // the kernel answers in order: after these the widget manager, which asks it a few things first, has its answers
  for (let i = 0; i < 5; i++) { await kernel.requestCommInfo({}); }
}"""


@pytest.fixture(scope="session")
def browser():
    """Headless chromium. Without one the test is skipped and says why; where CI=true it fails."""
    path = chromium()
    if path is None and os.environ.get("CI", "").lower() == "true":
        pytest.fail("no chromium found, and CI=true: install Debian's package chromium")
    if path is None:
        pytest.skip("no chromium found: install it (Debian: apt-get install chromium) to run the browser test")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def open_notebook(browser, tmp_path, root):
    """A function that copies a notebook into an empty folder and opens it in JupyterLab: (Notebook, console errors)."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    with running_lab(folder, root) as address:
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        complaints = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def open_(path):
            shutil.copy(path, folder)
            return Notebook(page, address, path.name), complaints

        yield open_
        page.close()
