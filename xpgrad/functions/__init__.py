"""PyTorch-flavoured functions, by subject: ``dim``, ``keepdim``, ``out=`` and type promotion happen here."""
