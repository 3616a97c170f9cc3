"""The command line, called in this process."""

import json

import pytest

from edgekit import cli


@pytest.fixture
def edgekit(capsys):
    """`edgekit("run", ...)` returns (status, standard output, standard error)."""

    def call(*arguments):
        status = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def edgekit_json(edgekit):
    """As `edgekit`, for a command that must succeed; returns the one JSON object."""

    def call(*arguments):
        status, out, err = edgekit(*arguments, "--json")
        assert status == 0, err
        assert out.count("\n") == 1
        return json.loads(out)

    return call
