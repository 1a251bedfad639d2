"""A reverse proxy in a Lambda function: an API Gateway event in, one HTTP/1.1 request out, its answer back.

Modules in the order in which a request meets them: `configuration`, `reverse_proxy`, `event`, `identity`, `webhook`,
`target`, `request`, `exchange`, `connection`, `answer`, `location`, `result`, `log_line`. For answers that stream,
started by the wrapper in place of Lambda's own runtime: `runtime_loop`, `runtime_api`, `streaming_route`,
`streaming_proxy`, `stream`. Only the standard library, and of that only modules that cost little to import: callers
wait for a cold start.
"""
