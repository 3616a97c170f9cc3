"""From the graph to something that runs on a device."""
