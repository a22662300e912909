"""What the lectures read: real series and words, and made-up ones."""
