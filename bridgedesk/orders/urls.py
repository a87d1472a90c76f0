"""Addresses of orders."""

from django.urls import path

from bridgedesk.orders import order_views, packing_views, parcel_views, picture_views, tracker_views, views

urlpatterns = [
    path("orders", order_views.orders, name="orders"),
    path("orders/<int:pk>", order_views.order, name="order"),
    path("orders/<int:pk>/do/<slug:name>", order_views.act, name="order-act"),
    path("orders/<int:pk>/pictures/<slug:key>", picture_views.picture, name="order-picture"),
    path("orders/card", views.card, name="orders-card"),
    path("orders/<int:pk>/parcels", parcel_views.of_order, name="order-parcels"),
    path("in/tracker/<slug:name>", tracker_views.hook, name="tracker-hook"),
    path("trackers", tracker_views.page, name="trackers"),
    path("trackers/<slug:name>/save", tracker_views.save, name="tracker-save"),
    path("trackers/<slug:name>/test", tracker_views.test, name="tracker-test"),
    path("trackers/news/<int:pk>/replay", tracker_views.replay, name="tracker-replay"),
    path("trackers/shops/<int:pk>/extending", tracker_views.extending, name="tracker-extending"),
    path("parcels", parcel_views.page, name="parcels"),
    path("parcels/troubles/<int:pk>/settle", parcel_views.settle, name="parcel-settle"),
    path("parcels/troubles/<int:pk>/extend", parcel_views.extend, name="parcel-extend"),
    path("packing", packing_views.queue, name="packing"),
    path("packing/<int:pk>", packing_views.one, name="order-packing"),
    path("packing/<int:pk>/scan", packing_views.scan, name="order-scan"),
    path("packing/<int:pk>/acknowledge", packing_views.acknowledge, name="order-acknowledge"),
    path("packing/<int:pk>/close", packing_views.close, name="order-close-parcel"),
    path("packing/<int:pk>/reopen", packing_views.reopen, name="order-reopen-parcel"),
    path("packing/<int:pk>/ship", packing_views.ship, name="order-ship"),
    path("packing/<int:pk>/photos", packing_views.upload, name="order-photos"),
    path("packing/<int:pk>/photos/<str:name>", packing_views.proof, name="order-photo"),
    path("packing/<int:pk>/list", packing_views.paper, name="order-packing-list"),
]
