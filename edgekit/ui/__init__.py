"""What a learner sees: plots that take and return an Axes, and widgets that arrange plots and controls."""
