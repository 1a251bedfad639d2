"""CloudWatch alarms and log groups, and EventBridge schedules."""
