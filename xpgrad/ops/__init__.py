"""What is differentiable: a forward and one gradient rule per argument, over ``xp``, by subject."""
