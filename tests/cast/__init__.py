"""The small named cast of the tests: workers, enterprises, a reviewer, an outsider; built through the real services."""
