"""Readers of public recordings in the layout in which their authors publish them."""
