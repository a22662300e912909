"""Make ``pytest --nbval`` strict wherever the tests are started."""

pytest_plugins = ["tests.nbval_strict"]
