"""Task ids look like iTAG's."""

from itag.core.ids import new_task_id


def test_ids_have_19_digits_fit_63_bits_and_differ():
    ids = {new_task_id() for _ in range(1000)}
    assert len(ids) > 990
    assert all(len(str(i)) == 19 and i < 2**63 for i in ids)
