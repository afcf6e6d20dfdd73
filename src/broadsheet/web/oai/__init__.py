"""The library for harvesters: a data provider of OAI-PMH 2.0 at /oai."""

from broadsheet.web.oai.door import urlpatterns as urlpatterns
