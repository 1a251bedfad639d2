"""The command line: arguments, one stack in this process or several in processes of their own."""
