import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('orders', '0001_initial'),
        ('products', '0001_initial'),
        ('shops', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=80)),
                ('item', models.CharField(blank=True, max_length=80)),
                ('model', models.CharField(blank=True, max_length=80)),
                ('stars', models.PositiveSmallIntegerField(default=0)),
                ('low', models.BooleanField(default=False)),
                ('text', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('buyer', models.CharField(blank=True, max_length=120)),
                ('images', models.JSONField(blank=True, default=list)),
                ('videos', models.JSONField(blank=True, default=list)),
                ('reply', models.TextField(blank=True)),
                ('replied_at', models.DateTimeField(null=True)),
                ('changeable', models.CharField(blank=True, max_length=4)),
                ('change_until', models.DateTimeField(null=True)),
                ('hidden', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField()),
                ('listing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reviews', to='products.listing')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reviews', to='orders.order')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='shops.shop')),
            ],
            options={
                'indexes': [models.Index(fields=['-low', '-at', '-id'], name='review_worst_first'), models.Index(fields=['shop', '-low', '-at', '-id'], name='review_of_shop')],
                'constraints': [models.UniqueConstraint(fields=('shop', 'external_id'), name='review_once')],
            },
        ),
    ]
