"""What a folder holds, by the tool that it was made for; see `survey`."""
