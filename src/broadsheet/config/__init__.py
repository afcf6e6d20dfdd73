"""How is it all wired? Options, Django settings, addresses, server entry. The only reader of the environment."""
