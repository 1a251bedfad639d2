"""Operations of what was deployed: CloudWatch alarms and log groups, and EventBridge schedules."""
