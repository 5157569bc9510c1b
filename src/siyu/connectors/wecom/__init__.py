"""WeCom (企业微信) by a self-built app: callbacks, pulls, welcome, mass messages, links."""
