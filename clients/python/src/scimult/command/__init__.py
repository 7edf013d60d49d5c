"""The command ``scimult-client``, which embeds and ranks documents of files."""
