"""Records what a program declares. Only `recorder` and `transforms` need the SDK: the review loads them with a program."""
