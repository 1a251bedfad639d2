"""Alarms of an API."""

from dataclasses import dataclass

from ...arguments.names import TopicArn
from ...arguments.numbers import CountInput, Percent
from ...facts import defaults


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """CloudWatch alarms, $0.80 a month in total."""

    topic_arn: TopicArn
    """ARN of the SNS topic that alarms notify."""
    server_error_percent: Percent = defaults.SERVER_ERROR_PERCENT
    """Threshold for the percentage of 5XX responses in five minutes. Defaults to 5."""
    client_error_percent: Percent = defaults.CLIENT_ERROR_PERCENT
    """Threshold for the percentage of 4XX responses in five minutes. Defaults to 50."""
    latency_milliseconds: CountInput = defaults.LATENCY_MILLISECONDS
    """Threshold for the 99th percentile of the latency. Defaults to 5,000."""
    requests_per_five_minutes: CountInput = defaults.ALARMED_REQUESTS
    """Threshold for the number of requests in five minutes. Defaults to 25,000."""
