import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('orders', '0001_initial'),
        ('shops', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=80)),
                ('status', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(blank=True, choices=[('asked', 'asked'), ('agreed', 'agreed'), ('under_way', 'under_way'), ('judged', 'judged'), ('closed', 'closed'), ('withdrawn', 'withdrawn')], max_length=10)),
                ('status_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=80)),
                ('text', models.TextField(blank=True)),
                ('refund_minor', models.BigIntegerField(null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('answer_by', models.DateTimeField(null=True)),
                ('buyer_ships_by', models.DateTimeField(null=True)),
                ('check_by', models.DateTimeField(null=True)),
                ('next_clock', models.CharField(blank=True, max_length=16)),
                ('next_by', models.DateTimeField(null=True)),
                ('goods_come_back', models.BooleanField(null=True)),
                ('lines', models.JSONField(blank=True, default=list)),
                ('images', models.JSONField(blank=True, default=list)),
                ('number', models.CharField(blank=True, max_length=64)),
                ('more', models.JSONField(blank=True, default=dict)),
                ('first_seen_at', models.DateTimeField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='orders.order')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='shops.shop')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['closed', 'withdrawn']), _negated=True), fields=['next_by', 'id'], name='case_open'), models.Index(fields=['shop', '-first_seen_at'], name='case_of_shop')],
                'constraints': [models.UniqueConstraint(fields=('shop', 'external_id'), name='case_once')],
            },
        ),
    ]
