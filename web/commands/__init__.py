"""The subcommands of `palier`, one file a group."""
