"""The terminal's door: ``flask policies …``, ``flask rosters …``, ``flask courses …``, ``flask evidence …``, ``flask jobs``."""
