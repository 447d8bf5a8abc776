"""Accounts on screen: sign-in, registration, settings, one-time addresses, language and colours."""

from flask import Blueprint

from labapp.web.account import one_time, preferences, register, settings, sign_in

bp = Blueprint("account", __name__)

bp.add_url_rule("/login", view_func=sign_in.login_page, methods=["GET", "POST"])
bp.add_url_rule("/logout", view_func=sign_in.logout, methods=["POST"])
bp.add_url_rule("/register", view_func=register.register, methods=["GET", "POST"])
bp.add_url_rule("/register/received", view_func=register.received)
bp.add_url_rule("/join", view_func=register.join, methods=["GET", "POST"])
bp.add_url_rule("/waiting", view_func=register.waiting)
bp.add_url_rule("/settings", view_func=settings.profile, methods=["GET", "POST"])
bp.add_url_rule("/settings/password", view_func=settings.password, methods=["GET", "POST"])
bp.add_url_rule("/settings/sign-ins", view_func=settings.sign_ins)
bp.add_url_rule("/reset/<token>", view_func=one_time.reset, methods=["GET", "POST"])
bp.add_url_rule("/setup/<token>", view_func=one_time.setup, methods=["GET", "POST"])
bp.add_url_rule("/language", view_func=preferences.language, methods=["POST"])
bp.add_url_rule("/theme", view_func=preferences.theme, methods=["POST"])
bp.add_url_rule("/sandbox/<int:membership_id>", view_func=preferences.sandbox, methods=["POST"])
