"""Time stamps: found in a table, turned into a sampling rate and spans, and described to the user."""
