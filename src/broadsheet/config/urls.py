"""Every address of the site, room by room."""

from django.urls import include, path

from broadsheet.community.admin import site

urlpatterns = [
    path("api/", include("broadsheet.api.urls")),
    path("", include("broadsheet.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", site.urls),
]

handler400 = "broadsheet.config.problems.bad_request"
handler403 = "broadsheet.config.problems.forbidden"
handler404 = "broadsheet.config.problems.not_found"
handler500 = "broadsheet.config.problems.server_error"
