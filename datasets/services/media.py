def prune() -> None:
    pass
