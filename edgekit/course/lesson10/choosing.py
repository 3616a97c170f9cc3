"""The exercise on choosing: on validation data, among those that fit."""

from edgekit.course.exercises import Case, Exercise, Mutant


def choose(networks, most_macs):
    """The reference: the best validation score among those that fit; among equals the cheapest. None: nobody fits."""
    return _chosen(networks, lambda network: network[2] <= most_macs)


def _chosen(networks, fits, key=lambda network: (network[0], -network[2])):
    places = [i for i, network in enumerate(networks) if fits(network)]
    return max(places, key=lambda i: key(networks[i]), default=None)


def _afterwards(networks, most_macs):
    best = _chosen(networks, lambda network: True)
    return best if networks[best][2] <= most_macs else -1


#: (validation score, test score, MACs)
NETWORKS = [(0.80, 0.83, 900), (0.85, 0.81, 700), (0.91, 0.90, 2000), (0.85, 0.86, 950), (0.60, 0.60, 100)]

CHOOSING = Exercise(
    "10/choose", choose,
    cases=(
        Case("literal", (NETWORKS, 1000), 1),
        Case("literal", (NETWORKS, 5000), 2),
        Case("property", (NETWORKS[::-1], 1000), 3),
        Case("property", ([(0.9, 0.8, 5), (0.7, 0.95, 5), (0.8, 0.9, 4)], 5), 0),
        Case("edge", (NETWORKS, 100), 4),
        Case("edge", ([(0.5, 0.5, 10)], 10), 0),
        Case("edge", ([(0.7, 0.1, 9), (0.7, 0.9, 10)], 10), 0),
    ),
    mutants={
        "on_test": Mutant("the test score decides. Then it is no longer a test: the winner is partly the luckiest",
                          lambda networks, most: _chosen(networks, lambda n: n[2] <= most, lambda n: (n[1], -n[2]))),
        "both": Mutant("both scores are added; as soon as the test score takes part, nothing is left to confirm with",
                       lambda networks, most: _chosen(networks, lambda n: n[2] <= most,
                                                      lambda n: (n[0] + n[1], -n[2]))),
        "afterwards": Mutant("the device is asked after the choice: the search was spent on what cannot be built",
                             _afterwards),
        "ignored": Mutant("nobody asks the device", lambda networks, most: _chosen(networks, lambda n: True)),
        "strictly": Mutant("< is asked of the MACs: what fills the device to the last MAC fits too",
                           lambda networks, most: _chosen(networks, lambda n: n[2] < most)),
        "cheapest": Mutant("the cheapest wins, whatever its score",
                           lambda networks, most: _chosen(networks, lambda n: n[2] <= most, lambda n: -n[2])),
        "dearest": Mutant("of two equally good ones the dearer is taken",
                          lambda networks, most: _chosen(networks, lambda n: n[2] <= most, lambda n: (n[0], n[2]))),
    },
    hints=(
        "First leave out what does not fit, then look at one score alone.",
        "The test split is for the winner, once. So the first number decides.",
        "max(places, key=lambda i: (networks[i][0], -networks[i][2])) over the places with networks[i][2] <= most_macs",
    ),
)
