"""What rules see of visible text: prose, punctuation, sections, counts."""
