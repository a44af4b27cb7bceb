"""The phone's door: JSON for workers' phones under `/api/v1/phone`. The only floor that knows WeChat.

`app.py` calls `configure` and registers `blueprints`. A route lives in the module named after what the worker sees: `account`,
`classes`, `courses`, `check_ins`, `sessions`, `quizzes`, `credit`, `claims`; `guard` lets them in, `wechat` is the gateway and
`outbox` its job.
"""

from config.settings import Settings
from miniprogram_api import gateway, guard
from miniprogram_api.account import account, login
from miniprogram_api.certificates import certificates
from miniprogram_api.check_ins import check_ins
from miniprogram_api.claims import claims
from miniprogram_api.classes import classes
from miniprogram_api.courses import courses
from miniprogram_api.credit import credit
from miniprogram_api.disputes import disputes
from miniprogram_api.evidence import evidence
from miniprogram_api.media import media
from miniprogram_api.messages import messages
from miniprogram_api.outbox import send_due_messages
from miniprogram_api.quizzes import quizzes
from miniprogram_api.self_study import photos, self_study
from miniprogram_api.sessions import sessions
from miniprogram_api.wechat import WechatSettings

__all__ = ["blueprints", "configure", "send_due_messages"]

blueprints: list[guard.OpenBlueprint] = [
    login,
    account,
    classes,
    courses,
    media,
    check_ins,
    sessions,
    quizzes,
    credit,
    claims,
    certificates,
    disputes,
    evidence,
    self_study,
    photos,
    messages,
]


def configure(settings: Settings) -> None:
    """Take the mini-program's id, secret and WeChat's address into use; forget callers of an earlier application."""
    wechat = WechatSettings(settings.wechat_app_id, settings.wechat_app_secret, settings.wechat_base_url)
    gateway.configure(wechat, templates=settings.wechat_templates)
    guard.forget_all()
