"""The addresses of pages."""

from django.urls import path

from broadsheet.web import views

app_name = "web"
urlpatterns = [
    path("", views.today, name="today"),
    path("date", views.choose_day, name="choose_day"),
    path("date/<str:text>", views.day, name="day"),
    path("search", views.search, name="search"),
    path("papers/<path:key>", views.paper, name="paper"),
    path("status", views.status, name="status"),
    path("healthz", views.health, name="health"),
]
