"""The one gateway to WeChat that this door's routes use, and WeChat's ids of our message templates."""

from collections.abc import Mapping

from miniprogram_api.wechat import WechatGateway, WechatSettings

_gateway: WechatGateway | None = None
_template_ids: dict[str, str] = {}


def configure(settings: WechatSettings, *, templates: Mapping[str, str]) -> None:
    """Called by this package's `configure`."""
    global _gateway
    _gateway = WechatGateway(settings)
    _template_ids.clear()
    _template_ids.update(templates)


def wechat() -> WechatGateway:
    """The gateway."""
    if _gateway is None:
        raise RuntimeError("miniprogram_api.configure(settings) was not called; app.py does this")
    return _gateway


def template_id(code: str) -> str:
    """WeChat's id of a template; the code itself where the office has not named one (WeChat then refuses it, the simulator
    takes it)."""
    return _template_ids.get(code, code)
