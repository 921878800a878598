"""The function that hands out packages, as it is since votes, lots and reservations beyond the limit."""

from django.db import migrations

from jobs.services.claim_sql import FUNCTION


class Migration(migrations.Migration):
    dependencies = [("jobs", "0014_package_tally_index")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
