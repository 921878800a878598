"""The function that hands out packages."""

from django.db import migrations

from jobs.services.claim_sql import DROP, FUNCTION


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_package_item_fillfactor")]

    operations = [migrations.RunSQL(FUNCTION, DROP)]
