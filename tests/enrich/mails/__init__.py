"""Mails with the text that is left of them: written for these tests, in the manner of many mail programs."""
