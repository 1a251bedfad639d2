"""A reverse proxy in a Lambda function: turns an API Gateway event into one HTTP/1.1 request, and returns its response.

Modules, in the order in which a request passes through them: `configuration`, `reverse_proxy`, `event`, `formats`,
`identity`, `webhook`, `target`, `dots`, `request`, `exchange`, `connection`, `answer`, `lenient`, `chunks`, `location`,
`result`, `failure`, `log_line`. For streamed responses, where the wrapper starts them in place of Lambda's runtime:
`runtime_loop`, `runtime_api`, `streaming_route`, `streaming_proxy`, `stream`. They use only the standard library, and
only modules that import quickly, because callers wait for a cold start. Modules that most routes never use are imported
at the first use.
"""
