"""What we go and ask WeCom for: friends, tags, members, what became of mass messages, links."""
