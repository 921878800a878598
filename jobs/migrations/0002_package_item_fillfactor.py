"""Room on every page for the final answer's move (HOT update)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE jobs_packageitem SET (fillfactor = 80)",
            "ALTER TABLE jobs_packageitem RESET (fillfactor)",
        )
    ]
