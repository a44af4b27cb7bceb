"""Pages anyone may open without signing in: public notices and objections, and the check of certificates and reports."""

from console.public import certificates, notices, reports
from console.public.door import blueprint

__all__ = ["blueprint", "certificates", "notices", "reports"]
