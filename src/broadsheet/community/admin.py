"""The administration pages: readers and what they did, for admins alone, who sign in as every reader does."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

admin.site.site_header = admin.site.site_title = "Broadsheet"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
