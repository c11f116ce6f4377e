"""The page: the corpus to find, look at, hear and correct; uploads and a microphone heard as they come."""
