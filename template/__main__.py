"""A private backend on AWS behind API Gateway, as the stack file describes it."""

from gatehouse import stack

stack.run()
