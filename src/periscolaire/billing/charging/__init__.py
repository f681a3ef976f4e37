"""From consumptions to charges: what should be billed, minus what has been billed."""
