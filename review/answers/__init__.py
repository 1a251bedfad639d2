"""`gatehouse answers`: asks AWS what a program looks up, and writes it into the project's answers."""
