"""What do readers make of the papers? Readers, votes, comments, collections, submissions, moderation.

Everything here lives in the site's own database, beside the library that the site shows.
"""
