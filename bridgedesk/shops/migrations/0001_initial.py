import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('team', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('platform', models.CharField(max_length=16)),
                ('external_id', models.CharField(blank=True, max_length=80)),
                ('region', models.CharField(blank=True, max_length=8)),
                ('base_url', models.CharField(blank=True, max_length=200)),
                ('language', models.CharField(default='en', max_length=16)),
                ('timezone', models.CharField(default='UTC', max_length=40)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('connected', 'Connected'), ('paused', 'Paused'), ('broken', 'Broken')], default='connected', max_length=12)),
                ('trouble', models.TextField(blank=True)),
                ('color', models.CharField(default='slate', max_length=16)),
                ('created_at', models.DateTimeField()),
                ('agents', models.ManyToManyField(blank=True, related_name='shops', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('platform', 'external_id', 'region'), name='shop_once')],
            },
        ),
        migrations.CreateModel(
            name='Penalty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=80)),
                ('points', models.IntegerField()),
                ('kind', models.CharField(blank=True, max_length=40)),
                ('at', models.DateTimeField()),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='penalties', to='shops.shop')),
            ],
            options={
                'indexes': [models.Index(fields=['shop', '-at'], name='penalty_newest')],
                'constraints': [models.UniqueConstraint(fields=('shop', 'external_id'), name='penalty_once')],
            },
        ),
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('holder', models.CharField(blank=True, max_length=16)),
                ('until', models.DateTimeField(null=True)),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='leases', to='shops.shop')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shop', 'name'), name='lease_once')],
            },
        ),
        migrations.CreateModel(
            name='HealthFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('value', models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ('unit', models.CharField(max_length=8)),
                ('target', models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ('comparator', models.CharField(blank=True, max_length=2)),
                ('title', models.CharField(blank=True, max_length=120)),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='health', to='shops.shop')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shop', 'name', 'day'), name='health_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('sealed', models.TextField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('changed_at', models.DateTimeField()),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='credentials', to='shops.shop')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shop', 'name'), name='credential_once')],
            },
        ),
        migrations.CreateModel(
            name='Bucket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('tokens', models.FloatField()),
                ('at', models.DateTimeField()),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='buckets', to='shops.shop')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shop', 'name'), name='bucket_once')],
            },
        ),
        migrations.CreateModel(
            name='Threshold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=16)),
                ('region', models.CharField(blank=True, max_length=8)),
                ('name', models.CharField(max_length=40)),
                ('value', models.DecimalField(decimal_places=4, max_digits=12)),
                ('valid_from', models.DateTimeField()),
                ('source', models.CharField(max_length=200)),
                ('sure', models.CharField(choices=[('official', 'Official'), ('third_party', 'Third Party'), ('unconfirmed', 'Unconfirmed'), ('own', 'Own')], max_length=16)),
                ('shop', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='thresholds', to='shops.shop')),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'name', 'valid_from'], name='threshold_lookup')],
            },
        ),
    ]
