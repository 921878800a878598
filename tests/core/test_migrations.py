"""The migrations are one line in each app, and say what the models say."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django_linear_migrations.apps import check_max_migration_files, first_party_app_configs

OURS = {"accounts", "datasets", "templates_app", "jobs", "exports"}


def test_each_app_has_one_line_of_migrations() -> None:
    with_migrations = {
        config.label
        for config in first_party_app_configs()
        if (Path(config.path) / "migrations").is_dir()
    }
    assert with_migrations == OURS
    assert check_max_migration_files() == []


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())
