"""The exercise on choosing: on validation data, among those that fit."""

from edgekit.course.exercises import Case, Exercise, Mutant


def choose(networks, most_macs):
    """The reference: the best validation score among those that fit; among equals the cheapest. None: nobody fits."""
    return _chosen(networks, lambda network: network[2] <= most_macs)


def _chosen(networks, fits, key=lambda network: (network[0], -network[2])):
    places = [i for i, network in enumerate(networks) if fits(network)]
    return max(places, key=lambda i: key(networks[i]), default=None)


def _among_fitting(networks, most_macs):
    fitting = [network for network in networks if network[2] <= most_macs]
    return choose(fitting, most_macs)


def _afterwards(networks, most_macs):
    best = _chosen(networks, lambda network: True)
    return best if networks[best][2] <= most_macs else -1


#: (validation score, test score, MACs)
NETWORKS = [(0.91, 0.88, 2000), (0.85, 0.82, 800), (0.80, 0.92, 980), (0.85, 0.81, 700), (0.85, 0.86, 900),
            (0.85, 0.83, 950), (0.60, 0.55, 100)]

CHOOSING = Exercise(
    "10/choose", choose,
    cases=(
        Case("literal", (NETWORKS, 1000), 3),
        Case("literal", (NETWORKS, 5000), 0),
        Case("property", (NETWORKS[::-1], 1000), 3),
        Case("property", ([(0.9, 0.8, 50), (0.7, 0.95, 50), (0.8, 0.91, 48)], 50), 0),
        Case("edge", (NETWORKS, 100), 6),
        Case("edge", ([(0.7, 0.1, 9), (0.7, 0.9, 10)], 10), 0),
        Case("edge", ([(0.7, 0.1, 10), (0.7, 0.9, 9)], 10), 1),
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
        "in_the_rest": Mutant("the place is that in a list of those that fit; asked is the place in `networks`",
                              _among_fitting),
        "tie_on_test": Mutant("of two equally good ones the better on the test split is taken; asked is the cheaper, "
                              "and the test split takes no part", lambda networks, most: _chosen(
                                  networks, lambda n: n[2] <= most, lambda n: (n[0], n[1]))),
        "first": Mutant("of two equally good ones the first is taken; asked is the cheaper",
                        lambda networks, most: _chosen(networks, lambda n: n[2] <= most, lambda n: n[0])),
        "last": Mutant("of two equally good ones the last is taken; asked is the cheaper",
                       lambda networks, most: max((n[0], i) for i, n in enumerate(networks) if n[2] <= most)[1]),
        "per_mac": Mutant("the score is divided by the MACs; whatever fits is allowed, and the score decides",
                          lambda networks, most: _chosen(networks, lambda n: n[2] <= most, lambda n: n[0] / n[2])),
        "largest": Mutant("the largest that fits is taken; more MACs need not be better",
                          lambda networks, most: _chosen(networks, lambda n: n[2] <= most, lambda n: n[2])),
        "gap": Mutant("the smallest difference of both scores decides; it says nothing about how good they are",
                      lambda networks, most: _chosen(networks, lambda n: n[2] <= most,
                                                     lambda n: (-abs(n[0] - n[1]), -n[2]))),
        "network": Mutant("the network itself is returned; asked is its index",
                          lambda networks, most: networks[choose(networks, most)]),
        "dearest": Mutant("of two equally good ones the dearer is taken",
                          lambda networks, most: _chosen(networks, lambda n: n[2] <= most, lambda n: (n[0], n[2]))),
    },
    hints=(
        "First leave out what does not fit, then look at one score alone.",
        "The test split is for the winner, once. So the first number decides.",
        "max(places, key=lambda i: (networks[i][0], -networks[i][2])) over the places with networks[i][2] <= most_macs",
    ),
)
