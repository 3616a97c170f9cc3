"""What can go wrong while the environment is made, each with its remedy. Standard library only."""

import re

KEPT = "what is installed so far stays in .venv and the next start goes on from there"

# (what the output of pip or venv shows, what is wrong, what to do); the first match counts
KNOWN = [
    (
        r"No space left on device|Errno 28\b|not enough space on the disk|Disk quota exceeded",
        "the disk is full",
        "free about 3 GB where the checkout and the temporary folder lie, then start again",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "a downloaded file differs from requirements.lock",
        "look at the package index or proxy in use, then start again",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "the package index has a certificate that pip does not trust",
        "set PIP_CERT to your network's certificate file",
    ),
    (
        r"name resolution|NewConnectionError|establish a new connection|ConnectTimeout|Read timed out"
        r"|ReadTimeoutError|Network is unreachable|getaddrinfo failed|nodename nor servname|No route to host"
        r"|Connection refused|Connection reset|RemoteDisconnected|ProxyError|Cannot connect to proxy",
        "no network: the package index does not answer",
        "connect, or set PIP_INDEX_URL or HTTPS_PROXY, then start again",
    ),
    (
        r"Permission denied|Read-only file system|Access is denied",
        "the folder of the checkout cannot be written",
        "clone into a folder of your own",
    ),
    (
        r"No matching distribution found for (?P<name>\S+)",
        "no build of {name} for this Python and machine",
        "use Python 3.11 to 3.14 on 64-bit Linux, macOS (Arm) or Windows",
    ),
]


class SetupError(Exception):
    """The environment cannot be made; the message says what, where and the remedy, in one line."""


def last_error(output: str) -> str:
    """The last line of an output that speaks of an error, or its last line at all."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"error", line, re.IGNORECASE)]
    return (errors or lines or ["no output"])[-1]


def diagnose(step: str, output: str) -> SetupError:
    """Turn the output of a failed step into one line with a remedy.

    >>> print(diagnose("installing packages", "OSError: [Errno 28] No space left on device"))
    installing packages: the disk is full; free about 3 GB ...
    """
    for pattern, what, remedy in KNOWN:
        match = re.search(pattern, output)
        if match:
            return SetupError(f"{step}: {what.format(**match.groupdict())}; {remedy}; {KEPT}")
    return SetupError(f"{step}: {last_error(output)}; start again with --debug to see everything; {KEPT}")
