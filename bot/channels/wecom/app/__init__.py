"""The self-built app (自建应用): private messages to and from members."""
