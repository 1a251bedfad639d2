"""Reusable components: a private AWS backend behind API Gateway, and behind nothing else."""

from .alerts import Alerts
from .api_front import ApiFront
from .url_backend import UrlBackend

__all__ = ["Alerts", "ApiFront", "UrlBackend"]
