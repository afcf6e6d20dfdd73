"""The addresses of pages."""

from django.urls import path, re_path

from broadsheet.web import feeds, views

app_name = "web"
urlpatterns = [
    path("", views.today, name="today"),
    path("date", views.choose_day, name="choose_day"),
    path("date/<str:text>", views.day, name="day"),
    path("search", views.search, name="search"),
    path("papers/<path:key>", views.paper, name="paper"),
    re_path(r"^feeds/daily\.(?P<form>atom|rss|json)$", feeds.daily, name="daily_feed"),
    re_path(r"^feeds/search\.(?P<form>atom|rss|json)$", feeds.search, name="search_feed"),
    path("status", views.status, name="status"),
    path("healthz", views.health, name="health"),
]
