"""The preview in a browser: the web edition, built anew after each change, with findings."""
