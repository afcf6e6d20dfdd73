"""The addresses of pages, subject by subject; a paper's own address comes last, since a key may hold slashes."""

from django.urls import path

from broadsheet.web import (
    accounts,
    alerts,
    bounces,
    citations,
    claims,
    clippings,
    collections,
    discussion,
    exports,
    featuring,
    feeds,
    leaving,
    lists,
    moderation,
    notices,
    previewing,
    submitting,
    subscribing,
    tokens,
    views,
    voting,
)

app_name = "web"
urlpatterns = [
    path("search", views.search, name="search"),
    path("status", views.status, name="status"),
    path("healthz", views.health, name="health"),
    *lists.urlpatterns,
    *feeds.urlpatterns,
    *accounts.urlpatterns,
    *subscribing.urlpatterns,
    *leaving.urlpatterns,
    *alerts.urlpatterns,
    *previewing.urlpatterns,
    *bounces.urlpatterns,
    *submitting.urlpatterns,
    *featuring.urlpatterns,
    *claims.urlpatterns,
    *clippings.urlpatterns,
    *exports.urlpatterns,
    *collections.urlpatterns,
    *moderation.urlpatterns,
    *notices.urlpatterns,
    *discussion.urlpatterns,
    *voting.urlpatterns,
    *tokens.urlpatterns,
    *citations.urlpatterns,
]
