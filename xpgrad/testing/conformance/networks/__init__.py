"""What checks of `nn` do besides calling layers: experiments by subject."""
