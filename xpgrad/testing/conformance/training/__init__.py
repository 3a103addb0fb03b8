"""What checks of training do: experiments by subject, and curves of losses."""
