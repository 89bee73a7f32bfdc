"""`python -m pipeline` is `make-book`."""

from pipeline.cli import main

raise SystemExit(main())
