"""From a trained model to the cheapest one whose accuracy stays within delta."""
