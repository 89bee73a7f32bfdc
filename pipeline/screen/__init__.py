"""E-book and web site: files, navigation, pictures, search."""
