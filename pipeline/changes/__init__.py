"""Changes of sources that are worked out before they are made: edits, moves, renames, diffs."""
