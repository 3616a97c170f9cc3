import pytest

from edgekit.deploy.devices import BENCHMARK_MACS, DEVICES, device


def test_cycles_per_mac_by_hand():
    low, middle, high = device("cortex-m4").cycles_per_mac()
    assert low == pytest.approx(89.4e-3 * 120e6 / BENCHMARK_MACS["VWW"])
    assert high == pytest.approx(4.79e-3 * 120e6 / BENCHMARK_MACS["AD"])
    assert low < middle < high


@pytest.mark.parametrize("name", DEVICES)
def test_a_benchmark_network_is_modelled_within_the_spread_of_the_benchmarks(name):
    card = device(name)
    low, middle, high = card.cycles_per_mac()
    for task, cited in card.latency_ms.items():
        modelled = card.latency(BENCHMARK_MACS[task]).value * card.clock_hz / card.benchmark_hz
        assert middle / high * (1 - 1e-12) <= modelled / cited <= middle / low * (1 + 1e-12)


def test_every_figure_says_where_it_comes_from():
    for card in DEVICES.values():
        assert "data sheet" in card.memory_source
        assert card.latency(1).kind == "modelled"
        assert card.benchmark_source in card.latency(1).source


def test_energy_only_where_one_is_cited():
    assert device("cortex-m0+").energy(10**6) is None
    assert device("cortex-m4").energy(12_501_632).value == pytest.approx(5496, rel=0.3)


def test_fits():
    small = device("cortex-m0+ small")
    assert small.fits(100_000, 20_480)
    assert not small.fits(100_000, 20_481)
    assert not small.fits(200_000, 1)


def test_unknown_device_lists_the_known():
    with pytest.raises(ValueError, match=r"unknown device 'z80'; known: cortex-m0\+ small"):
        device("z80")
