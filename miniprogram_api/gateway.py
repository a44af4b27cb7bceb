"""The one gateway to WeChat that this door's routes use."""

from miniprogram_api.wechat import WechatGateway, WechatSettings

_gateway: WechatGateway | None = None


def configure(settings: WechatSettings) -> None:
    """Called by this package's `configure`."""
    global _gateway
    _gateway = WechatGateway(settings)


def wechat() -> WechatGateway:
    """The gateway."""
    if _gateway is None:
        raise RuntimeError("miniprogram_api.configure(settings) was not called; app.py does this")
    return _gateway
