"""One description of a model, which everything else reads."""
