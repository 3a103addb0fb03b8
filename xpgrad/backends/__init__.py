"""Array libraries behind one small protocol; nothing here knows gradients."""
