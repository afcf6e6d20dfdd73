"""Every address of the site, room by room."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("broadsheet.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "broadsheet.web.errors.bad_request"
handler403 = "broadsheet.web.errors.forbidden"
handler404 = "broadsheet.web.errors.not_found"
handler500 = "broadsheet.web.errors.server_error"
