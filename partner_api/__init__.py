"""The door of other systems: an enterprise's HR (hour reports), a training center's booking desk (balances, priority), a
training platform (records in).

Every route needs an API key of the right kind; ``guard`` sees to it. Registered by ``app.py`` alone.
"""

from partner_api.enterprises import blueprint as _enterprises
from partner_api.guard import PartnerBlueprint
from partner_api.platforms import blueprint as _platforms
from partner_api.training_centers import blueprint as _training_centers

__all__ = ["blueprints"]

blueprints: list[PartnerBlueprint] = [_enterprises, _training_centers, _platforms]
