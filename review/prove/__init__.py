"""`gatehouse prove`: deploys small stacks of the project, asks AWS each row of a table, and destroys them."""
