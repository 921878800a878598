"""System checks: a wrong setting is named at start-up, not met at run time."""
