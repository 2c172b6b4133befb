"""What can be changed in Elixir source so that its tests ought to notice, one file a family.

`factory.syntax.mutate` puts the families together.
"""
