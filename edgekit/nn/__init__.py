"""Models, training and the way from torch to the graph: the only floor that imports torch."""
