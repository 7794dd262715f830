"""Writing the audit: one line for every act that touches access. Ids and states, never content."""

from members.models import AuditEntry, Member


def record(
    act: str,
    *,
    by: Member | None,
    circle_id: int | None = None,
    about: int | None = None,
    subject: str = "",
    subject_id: int | None = None,
    **facts,
) -> None:
    """Add one line to the audit, in the transaction of the act. `by` is None for the house."""
    # Conflicts cannot happen; ignoring them makes Django ask for nothing back, and the writer
    # of a line need not be allowed to read it.
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                act=act,
                by_id=by.pk if by else None,
                circle_id=circle_id,
                about_id=about,
                subject=subject,
                subject_id=subject_id,
                facts=facts,
            )
        ],
        ignore_conflicts=True,
    )
