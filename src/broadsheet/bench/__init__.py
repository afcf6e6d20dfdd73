"""How fast is it, next to its peers? What `broadsheet bench` measures; the extra `bench` installs the peers."""
