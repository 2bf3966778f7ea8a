"""What the dashboard's server answers beside its pages: whether it lives, whether it is ready, and its measures."""
