"""The verbs of the command line, a module a subject, imported when one of them is called."""
