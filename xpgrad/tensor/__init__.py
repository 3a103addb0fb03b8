"""The class Tensor, put together from mixins of one-liners by subject."""
