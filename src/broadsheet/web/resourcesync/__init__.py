"""The library for those who keep a copy of its files: a source of ResourceSync 1.1, at /.well-known/resourcesync."""

from broadsheet.web.resourcesync.door import urlpatterns as urlpatterns
