"""The API's tests stand in the phone's school: an approved class, a worker of it, an outsider."""

from tests.miniprogram_api.conftest import school, settings, wechat

__all__ = ["school", "settings", "wechat"]
