"""Where platforms push to."""

from django.urls import path

from bridgedesk.sync import views

urlpatterns = [path("in/<slug:platform>/<int:shop_id>", views.hook, name="hook")]
