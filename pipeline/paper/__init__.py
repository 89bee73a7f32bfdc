"""Pages laid out and joined to a PDF; the way in is `layout`."""
