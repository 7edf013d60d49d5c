"""The command ``scimult-client``: files of documents, a server, and files of what it gives."""
