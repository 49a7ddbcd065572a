"""What is measured of each second, and of a whole channel."""
