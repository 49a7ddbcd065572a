"""One detector a file, each written from its paper."""
