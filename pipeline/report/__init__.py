"""What the editor's report shows, as data and as a page."""
