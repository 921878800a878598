"""`python -m itag.cli`: the command without its script."""

import sys

from itag.cli import main

sys.exit(main())
